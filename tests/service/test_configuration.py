"""Configuration: options over the environment over a file, and a file that prints itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from simgan.errors import ConfigError, UnknownNameError
from simgan.service.configuration import Configuration, configuration


def test_options_win_over_the_environment_and_that_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('port = 1\nworkers = 2\nqueue = 3\nhost = "::1"\n')
    environment = {
        "SIMGAN_SERVE_PORT": "4",
        "SIMGAN_SERVE_QUEUE": "5",
        "SIMGAN_SERVE_CONFIG": str(file),
        "HOME": "/",
    }
    found = configuration(file, {"port": 6}, environment)
    assert (found.port, found.queue, found.workers, found.host) == (6, 5, 2, "::1")


@pytest.mark.parametrize("found", [Configuration(), Configuration(port=0, rate=2.5, host="::1")])
def test_a_configuration_is_read_back(found: Configuration, tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(found.to_toml())
    assert configuration(file, {}, {}) == found
    assert configuration(None, {}, found.environment()) == found
    assert all(len(line) <= 110 for line in found.to_toml().splitlines())
    assert set(tomllib.loads(found.to_toml())) == set(vars(found))


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(host: str, is_loopback: bool) -> None:
    assert Configuration(host=host).is_loopback is is_loopback


@pytest.mark.parametrize("path", ["/risk", "/risk/", "/a.b/c-d_e~1", "", "/"])
def test_the_path_of_a_proxy_has_no_slash_at_its_end(path: str) -> None:
    assert Configuration(root_path=path).root_path == path.rstrip("/")


@pytest.mark.parametrize("path", ["risk", "/위험", "/a b", "//a", "/a//b", "/a;b", "/a\n", "/%20"])
def test_another_path_of_a_proxy_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match=r"serve: root_path = .* must be a path such as /risk"):
        Configuration(root_path=path)


def test_proxies_are_addresses_and_networks() -> None:
    found = Configuration(proxies="192.0.2.1, 127.0.0.0/8,::1,").networks_of_proxies
    assert list(map(str, found)) == ["192.0.2.1/32", "127.0.0.0/8", "::1/128"]
    assert Configuration().networks_of_proxies == ()
    for proxies in ("nonsense", "*", "127.0.0.1 192.0.2.1", "127.0.0.1/8", "300.0.0.1"):
        with pytest.raises(ConfigError, match=r"serve: proxies = .* must be addresses or networks"):
            Configuration(proxies=proxies)


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"serve: port = 70000"):
        configuration(None, {}, {"SIMGAN_SERVE_PORT": "70000"})
    with pytest.raises(UnknownNameError, match="prot"):
        configuration(None, {"prot": 1}, {})
    (tmp_path / "bad.toml").write_text("port = ")
    for file in ("bad.toml", "missing.toml"):
        with pytest.raises(ConfigError, match=file):
            configuration(tmp_path / file, {}, {})
