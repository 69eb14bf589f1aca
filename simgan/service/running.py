"""A server process, or several, and the supervisor of jobs beside them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial

from uvicorn import Config, Server

from simgan.errors import ConfigError, WriteError
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.connections import EARLIER, Connection, Refusals
from simgan.service.database import Database, database_of
from simgan.service.logs import log_to_stderr
from simgan.service.metrics import forget_process, shared_metrics
from simgan.service.state import Service
from simgan.service.supervisor_process import restarting, supervisor_of
from simgan.service.tokens import tokens_of
from simgan.service.workers import end_with_parent, run_workers, signalled
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
    _expect_guarded(database_of(workspace), configuration)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listening(configuration)))
        end_jobs = stack.enter_context(restarting(supervisor_of(workspace), configuration))
        say(f"simgan serves {workspace.root.resolve()} at {_address(configuration, listener)}")
        work = partial(_worker, workspace, configuration, listener)
        if configuration.workers > 1:
            stack.enter_context(shared_metrics())
            count, grace = configuration.workers, configuration.grace
            run_workers(count, work, grace, forget_process, end_jobs)
        else:
            work(end_jobs)


def server_of(service: Service) -> Server:
    """Return the server of a service, which listens at the sockets that it is given."""
    configuration = service.configuration
    proxies, refusals = configuration.networks_of_proxies, Refusals(service.metrics.refused)
    return Server(
        Config(
            application(service),
            http=partial(Connection, refusals, proxies),  # type: ignore[arg-type]
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=[str(network) for network in proxies],
            timeout_keep_alive=_QUIET,
            timeout_graceful_shutdown=max(round(configuration.grace), 1) + EARLIER,
        )
    )


def _answer(service: Service, listener: socket.socket, ending: Callable[[], None]) -> None:
    """Answer requests in this process until SIGTERM or Ctrl-C, which is no failure."""
    server = server_of(service)

    def tell() -> None:
        service.ending.wait()
        ending()

    threading.Thread(target=tell, daemon=True).start()

    def end() -> None:
        server.should_exit = True

    with signalled(end):  # uvicorn has handlers of its own, and raises the signal after its end
        server.run(sockets=[listener])


def _worker(
    workspace: Workspace,
    configuration: Configuration,
    listener: socket.socket,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests about a workspace, and end with the process that started this one."""
    log_to_stderr(configuration.log_level)
    end_with_parent()
    _answer(Service.over(workspace, configuration), listener, ending)


def _expect_guarded(database: Database, configuration: Configuration) -> None:
    """Refuse an address that others reach, as long as no token is needed."""
    host = configuration.host
    if not configuration.is_loopback and not tokens_of(database):
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
