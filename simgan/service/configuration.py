"""Configuration of the service: a TOML file, the environment, and options over both."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from simgan.errors import ConfigError
from simgan.service.addresses import Network, networks_of
from simgan.settings import Settings, Table, build, describe, record, setting

PREFIX = "SIMGAN_SERVE_"  # of variables of the environment, such as SIMGAN_SERVE_PORT
NAME_OF_FILE = f"{PREFIX}CONFIG"  # the variable that names the TOML file
_MIB = 2**20
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, kw_only=True)
class Configuration(Settings):
    """Settings of the service.

    Sizes are in bytes and times in seconds. A value is one number of a scenario: a request for n
    scenarios of H days of k assets asks for n · H · k of them.
    """

    host: str = setting("127.0.0.1", "address to listen at; another than loopback needs a token")
    port: int = setting(8000, "port to listen at, 0 for a free one", low=0, high=65535)
    workers: int = setting(1, "processes that answer requests", low=1, high=64)
    root_path: str = setting("", "path under which a reverse proxy serves the service")
    hosts: str = setting("", "names by which clients reach it through a proxy, with commas")
    proxies: str = setting(
        "", "addresses or networks of reverse proxies, which may name the client, with commas"
    )
    largest_upload: int = setting(64 * _MIB, "bytes of an uploaded price file", low=1)
    uploads: int = setting(100, "price files that a caller may keep", low=1)
    largest_order: int = setting(2**16, "bytes of the order of a job, which is kept", low=1024)
    largest_request: int = setting(2**16, "bytes of any other request", low=1024)
    most_values: int = setting(10**10, "values of one request for scenarios", low=1)
    most_of_risk: int = setting(
        5 * 10**7, "values of one question about risk or a probability", low=1
    )
    group_memory: int = setting(
        512 * _MIB, "bytes of the scenarios that are computed together", low=_MIB
    )
    streams: int = setting(16, "streams of scenarios at the same time in a process", low=1)
    streams_of_caller: int = setting(12, "streams of them that a caller may have open", low=1)
    event_streams: int = setting(64, "streams of events that a caller may have open", low=1)
    sending: int = setting(8, "price files that a caller may send at the same time", low=1)
    rate: float = setting(50.0, "requests a second of a caller in the long run", above=0)
    burst: int = setting(400, "requests that a caller may send at once", low=1)
    queue: int = setting(100, "jobs that may wait", low=1)
    queue_of_caller: int = setting(50, "jobs of one caller that may wait", low=1)
    jobs_at_once: int = setting(
        1, "jobs that run at the same time, beside a look at a file", low=1, high=64
    )
    job_memory: int = setting(8192 * _MIB, "bytes of memory of a job", low=512 * _MIB)
    job_seconds: float = setting(6 * 3600.0, "seconds of a job", above=0)
    keep_jobs: float = setting(365.0, "days that an ended job is kept", above=0)
    grace: float = setting(10.0, "seconds that a job or a stream has to end by itself", above=0)
    log_level: str = setting("info", "least level of log lines", choices=("info", "warning"))

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "root_path", self.root_path.rstrip("/"))
        if not _PATH.fullmatch(self.root_path):
            allowed = "a path such as /risk, of letters of ASCII, digits and .~_-"
            raise ConfigError(self.owner(), "root_path", self.root_path, allowed)
        try:
            networks_of(self.proxies)
        except ValueError:
            allowed = "addresses or networks such as 10.0.0.0/8, with commas"
            raise ConfigError(self.owner(), "proxies", self.proxies, allowed) from None

    @classmethod
    def owner(cls) -> str:
        """Name these settings in messages."""
        return "serve"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the service."""
        return self.host == "localhost" or (
            _is_address(self.host) and ip_address(self.host).is_loopback
        )

    @property
    def names(self) -> frozenset[str]:
        """Names by which clients may reach the service, beside those of this machine."""
        own = set() if self.host in ("0.0.0.0", "::") or not self.hosts else {self.host}
        return frozenset({name.strip().lower() for name in self.hosts.split(",")} | own) - {""}

    @property
    def networks_of_proxies(self) -> tuple[Network, ...]:
        """The networks of reverse proxies. An address is a network of one."""
        return networks_of(self.proxies)

    def environment(self) -> dict[str, str]:
        """Return the variables of the environment that give this configuration."""
        return {PREFIX + name.upper(): str(value) for name, value in record(self).items()}

    def to_toml(self) -> str:
        """Return the TOML file that gives this configuration, with the meaning of each setting."""
        values = record(self)
        return "".join(
            f"# {meaning}\n{name} = {json.dumps(values[name])}\n"
            for name, _, _, meaning in describe(type(self))
        )


def configuration(
    file: Path | None, options: Table, environment: Mapping[str, str] = os.environ
) -> Configuration:
    """Return the configuration: a file, over it the environment, over it the given options.

    Raises
    ------
    ConfigError, UnknownNameError
        A setting is unknown or has a value that it cannot have, or the file cannot be read.
    """
    found: dict[str, object] = {} if file is None else dict(_of_file(file))
    found |= {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name != NAME_OF_FILE
    }
    return build(Configuration, found | dict(options))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _of_file(file: Path) -> Table:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("serve", "config", str(file), f"a TOML file ({error})") from None
