"""A client that sends its request a drop at a time must cost Caddy a little memory, and us no thread."""

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from sekisho.config.environment import Environment
from sekisho.config.processes.caddy import root_certificate
from sekisho.config.processes.web import THREADS
from tests.config.running import Instance

SLOW = 2 * THREADS


def hang(one: Instance) -> ssl.SSLSocket:
    """Begin a sign-in whose body never comes to its end. Only one that could come from a form has its body read."""
    context = ssl.create_default_context(cafile=str(root_certificate(Environment(home=one.home))))
    raw = socket.create_connection(("127.0.0.1", one.port), timeout=10)
    connection = context.wrap_socket(raw, server_hostname="localhost")
    headers = {
        "Host": f"localhost:{one.port}",
        "Origin": f"https://localhost:{one.port}",
        "Cookie": f"__Host-sekisho-csrf={'a' * 32}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": "5000",
    }
    lines = ["POST /sign-in/ HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", "login=a"]
    connection.sendall("\r\n".join(lines).encode())
    return connection


@pytest.mark.processes
def test_slow_bodies_do_not_hold_the_threads(instance: Callable[..., Instance]) -> None:
    """Twice as many as there are threads hang; everybody else is served, form posts too."""
    one = instance().start().ready()
    web = one.children()["web"]
    with ExitStack() as hanging:
        for _number in range(SLOW):
            hanging.enter_context(hang(one))
        for _time in range(3):
            assert one.get("/healthz", seconds=10)[0] == 200
            assert one.get("/sign-in/", seconds=10)[0] == 200
    assert one.children()["web"] == web
