"""A server process, or several, and the supervisor of jobs beside them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from importlib.util import find_spec
from types import FrameType

from fastapi import FastAPI

from simgan.errors import ConfigError, WriteError
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.keeping import kept_alive, supervisor_of
from simgan.service.logs import log_to_stderr
from simgan.service.state import Service
from simgan.service.tokens import tokens_of
from simgan.workspace import Workspace

_WAITING = 2048  # connections that wait to be accepted
_QUIET = 30  # seconds after which a connection without a request is closed


def serve(workspace: Workspace, configuration: Configuration, say: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or Ctrl-C. Streams then have the configured grace to end.

    Parameters
    ----------
    workspace : Workspace
    configuration : Configuration
    say : callable
        Hears one sentence with the address when connections are accepted.

    Raises
    ------
    ConfigError
        The host is reached from elsewhere, and there is no token.
    WriteError
        The address cannot be listened at, or the workspace cannot be written.
    """
    log_to_stderr(configuration.log_level)
    service = Service.over(workspace, configuration)
    _expect_guarded(service)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listening(configuration)))
        if find_spec("simgan.service.jobs"):
            stack.enter_context(kept_alive(supervisor_of(workspace), configuration))
        say(f"simgan serves {workspace.root.resolve()} at {_address(configuration, listener)}")
        _run(workspace, configuration, listener)


def factory(workspace: Workspace, configuration: Configuration) -> FastAPI:
    """Return the application of a server process, which ends when the process that made it ends."""
    if parent := multiprocessing.parent_process():
        log_to_stderr(configuration.log_level)
        threading.Thread(target=_end_after, args=(parent.join,), daemon=True).start()
    return application(Service.over(workspace, configuration))


def _run(workspace: Workspace, configuration: Configuration, listener: socket.socket) -> None:
    from uvicorn import Config, Server
    from uvicorn.supervisors import Multiprocess

    config = Config(
        partial(factory, workspace, configuration),
        factory=True,
        workers=configuration.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        backlog=_WAITING,
        proxy_headers=bool(configuration.proxies),
        forwarded_allow_ips=configuration.proxies,
        timeout_keep_alive=_QUIET,
        timeout_graceful_shutdown=max(round(configuration.grace), 1),
    )
    if configuration.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
        return
    server = Server(config)
    with _handled(server):
        server.run(sockets=[listener])


@contextmanager
def _handled(server: object) -> Iterator[None]:
    """End a server gently at a signal that comes before its own handlers, or after them.

    After its end, uvicorn raises the signal again. An end that was asked for is no failure.
    """

    def end(number: int, frame: FrameType | None) -> None:
        server.should_exit = True  # type: ignore[attr-defined]

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _expect_guarded(service: Service) -> None:
    """Refuse an address that others reach, as long as everybody would be let in."""
    host = service.configuration.host
    if not service.configuration.is_loopback and not tokens_of(service.database):
        allowed = "127.0.0.1, until `simgan serve token add NAME` has made a token"
        raise ConfigError("serve", "host", host, allowed)


def _listening(configuration: Configuration) -> socket.socket:
    """Return a socket that listens at the configured address."""
    host, port = configuration.host, configuration.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_WAITING)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "choose another --port, or 0 for a free one"
        raise WriteError(f"cannot listen at {host}:{port}: {reason}; {hint}") from None


def _address(configuration: Configuration, listener: socket.socket) -> str:
    host = f"[{configuration.host}]" if ":" in configuration.host else configuration.host
    return f"http://{host}:{listener.getsockname()[1]}{configuration.root_path}/"


def _end_after(wait: Callable[[], object]) -> None:
    wait()
    os.kill(os.getpid(), signal.SIGTERM)
