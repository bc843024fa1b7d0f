"""Caddy, the HTTPS front: its program, its configuration as plain data, and its certificates."""

import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sekisho.config.environment import Environment
from sekisho.config.https.serving import caddy_certificates, is_own, kept_file, listen, plain_server
from sekisho.config.processes.former_name import former_routes
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

# Just above what Django takes (DATA_UPLOAD_MAX_MEMORY_SIZE), so that Django says no where a form is too large.
BODY_LIMIT = 3 * 1024 * 1024
# Forms with files: what an application may hold (ledgers), and the rest of the form.
UPLOAD_LIMIT = 21 * 1024 * 1024
UPLOADS = [
    "/requirements/*/attest/",
    "/requirements/*/exclude/",
    "/requirements/*/except/",
    "/exceptions/*/amend/",
    "/checklist/official/give/",
    "/checklist/returned/",
    "/documents/*/hand-in/",
    "/claims/*/amend/",
    "/network-devices/*/hand-in/",
    "/elsewhere/bundles/",
    "/elsewhere/results/",
    "/register/sources/*/hand-in/",
    "/register/review/lists/*/hand-in/",
    "/assets/screen-locks/*/hand-in/",
    "/people/*/accounts/*/reset/",
    "/people/reuse/*/",
    "/people/systems/*/read/",
    "/*/*/import/",
    "/*/*/*/files/",
]
ADMIN_SOCKET = "caddy-admin.sock"
WEB_SOCKET = "web.sock"
# What a client could say about itself and a proxy must say instead.
_PROXY_HEADERS = ["X-Forwarded-*", "X-Original-*", "X-Real-Ip", "Forwarded", "Remote-*", "X-Client-*"]
# Distributions leave the "v" out.
_VERSION = re.compile(r"v?2\.[0-9]+[^ \n]*")
_LONGEST_ANSWER = 200
_DOWN_PAGE = """<!doctype html><html lang="ja"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>関所 / Sekisho</title>
<style>body{font-family:sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;line-height:1.8}</style>
<h1>ただいま準備中です</h1>
<p>関所は起動中か、一時的に停止しています。しばらくしてから、もう一度開いてください。
続くときは、システム運用担当者に連絡してください。</p>
<h2 lang="en">Not ready at the moment</h2>
<p lang="en">Sekisho is starting or has stopped for a short while. Please try again soon.
If this goes on, tell the system operator.</p>
</html>"""


class CaddyMissing(SekishoError):
    """The Caddy program is not there or cannot be run."""

    code = "config.caddy_missing"
    message = _("The Caddy program was not found (looked for: %(path)s).")
    hint = _("Install Sekisho again, or name the path of a Caddy 2 program in SEKISHO_CADDY.")
    status = 500
    exit_code = 69


class CaddyUnfit(SekishoError):
    """The program that SEKISHO_CADDY names is something else, or a Caddy of another generation."""

    code = "config.caddy_unfit"
    message = _("The program %(path)s is no Caddy 2. Asked for its version, it says: %(answer)s")
    hint = _("Name the path of a Caddy 2 program in SEKISHO_CADDY, or leave it empty for the one that comes along.")
    status = 500
    exit_code = 69


def find_caddy(environment: Environment) -> Path:
    """Return the Caddy program: the one the operator names, else the one beside Python. Raises CaddyMissing."""
    path = environment.caddy or Path(sys.executable).with_name("caddy")
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise CaddyMissing(path=path)
    return path


def caddy_version(program: Path) -> str:
    """Return what ``caddy version`` says, such as v2.11.7. Raises CaddyMissing, CaddyUnfit."""
    try:
        answer = subprocess.run(
            [program, "version"], capture_output=True, text=True, errors="replace", timeout=20, check=False, env={}
        )
    except subprocess.TimeoutExpired as error:
        raise CaddyUnfit(path=program, answer="") from error
    except OSError as error:
        raise CaddyMissing(path=program) from error
    version = _VERSION.match(answer.stdout)
    if answer.returncode != 0 or version is None:
        said = (answer.stdout or answer.stderr).strip().partition("\n")[0]
        raise CaddyUnfit(path=program, answer=said[:_LONGEST_ANSWER])
    return version[0]


def root_certificate(environment: Environment) -> Path:
    """Return where the root certificate lies that browsers have to trust."""
    return environment.home / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def server_certificate(environment: Environment) -> Path:
    """Return where the certificate lies that browsers are shown."""
    if is_own(environment):
        return kept_file(environment)
    return environment.home / "caddy" / "certificates" / "local" / environment.host / f"{environment.host}.crt"


def _names(environment: Environment) -> list[str]:
    """Return the names that certificates are made for, the present one first."""
    return list(dict.fromkeys(filter(None, (environment.host, environment.former_host))))


def caddy_configuration(environment: Environment, addresses: Sequence[str]) -> dict[str, Any]:
    """Return Caddy's JSON configuration: HTTPS with TLS 1.3 on ``addresses``, in front of the web process."""
    servers = {"front": _server(environment, addresses)}
    if environment.redirect_port:
        servers["plain"] = plain_server(environment, addresses)
    return {
        "admin": {"listen": f"unix/{environment.run / ADMIN_SOCKET}|0600", "config": {"persist": False}},
        "logging": _logging(environment),
        "storage": {"module": "file_system", "root": str(environment.home / "caddy")},
        "apps": {
            "pki": {"certificate_authorities": {"local": {"name": "Sekisho", "install_trust": False}}},
            "tls": {
                "certificates": caddy_certificates(environment, _names(environment)),
                "automation": {"policies": [{"subjects": _names(environment), "issuers": [{"module": "internal"}]}]},
            },
            "http": {"servers": servers},
        },
    }


def _logging(environment: Environment) -> dict[str, Any]:
    wrapped = (
        {"format": "json", "time_key": "time", "message_key": "event", "time_format": "2006-01-02T15:04:05.000Z07:00"}
        if environment.log_format == "json"
        else {"format": "console", "time_format": "2006-01-02 15:04:05", "time_local": True, "level_format": "lower"}
    )
    # A request's address may hold a one-time link, its headers a session: neither belongs into a log.
    fields = {"request>uri": {"filter": "delete"}, "request>headers": {"filter": "delete"}}
    encoder = {"format": "filter", "wrap": wrapped, "fields": fields}
    # Of its admin socket Caddy only says that hosts are not checked, which a unix socket has none of.
    log = {"level": "WARN", "writer": {"output": "stderr"}, "encoder": encoder, "exclude": ["admin"]}
    return {"logs": {"default": log}}


def _server(environment: Environment, addresses: Sequence[str]) -> dict[str, Any]:
    bare_address = _is_ip_address(environment.host)
    # A browser names no server in the handshake when it opens a bare IP address.
    without_name = {"default_sni": environment.host} if bare_address else {}
    return {
        "listen": listen(addresses, environment.port),
        "protocols": ["h1", "h2"],
        "automatic_https": {"disable_redirects": True},
        "strict_sni_host": not bare_address,
        "tls_connection_policies": [{"protocol_min": "tls1.3", **without_name}],
        "read_header_timeout": "15s",
        "read_timeout": "120s",
        "idle_timeout": "120s",
        "max_header_bytes": 65536,
        "routes": [
            *former_routes(environment, _names(environment)),
            _route(environment, {"path": UPLOADS, "method": ["POST"]}, UPLOAD_LIMIT),
            _route(environment, {}, BODY_LIMIT),
            {"handle": [{"handler": "static_response", "status_code": 421}]},
        ],
        "errors": {"routes": [_down_route()]},
    }


def _route(environment: Environment, match: dict[str, Any], limit: int) -> dict[str, Any]:
    """Return the way to the web process for what matches, with a body of at most ``limit`` bytes."""
    return {
        "match": [{"host": [environment.host], **match}],
        "handle": [*_hygiene(limit), _reverse_proxy(environment, limit)],
        "terminal": True,
    }


def _hygiene(limit: int) -> list[dict[str, Any]]:
    return [
        {
            "handler": "headers",
            "request": {"delete": _PROXY_HEADERS},
            "response": {"deferred": True, "delete": ["Server", "Via"]},
        },
        {"handler": "request_body", "max_size": limit},
    ]


def _reverse_proxy(environment: Environment, limit: int) -> dict[str, Any]:
    # Set by name in the last hop: a client's "Connection: X-Forwarded-Proto" would else have it dropped.
    ours = {
        "X-Forwarded-For": ["{http.request.remote.host}"],
        "X-Forwarded-Proto": ["https"],
        "X-Forwarded-Host": ["{http.request.hostport}"],
    }
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{environment.run / WEB_SOCKET}"}],
        "headers": {"request": {"set": ours}},
        # The whole body is taken in before a thread of the web process is: a slow client then waits alone.
        "request_buffers": limit,
        "transport": {"protocol": "http", "dial_timeout": "2s", "response_header_timeout": "60s", "compression": False},
    }


def _down_route() -> dict[str, Any]:
    headers = {
        "Content-Type": ["text/html; charset=utf-8"],
        "Cache-Control": ["no-store"],
        "Retry-After": ["5"],
        "X-Content-Type-Options": ["nosniff"],
        "Content-Security-Policy": ["default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"],
    }
    return {
        "match": [{"expression": "{http.error.status_code} in [502, 503, 504]"}],
        "handle": [
            {"handler": "headers", "response": {"deferred": True, "delete": ["Server", "Via"]}},
            {"handler": "static_response", "status_code": 503, "headers": headers, "body": _DOWN_PAGE},
        ],
    }


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def mend_storage(environment: Environment) -> None:
    """Remove what a Caddy that was killed in the middle of its work left behind.

    Caddy writes a certificate and its key one after the other and does not start with only one of
    them; a lock file of a dead Caddy would make the next one wait. Call only with no Caddy running.
    """
    storage = environment.home / "caddy"
    authority = root_certificate(environment).parent
    pairs = [[authority / f"{name}.{ending}" for ending in ("crt", "key")] for name in ("root", "intermediate")]
    for number, pair in enumerate(pairs):
        if not all(_is_filled(path) for path in pair):
            # The intermediate is signed by the root: without the root it is worth nothing.
            for path in [path for later in pairs[number:] for path in later]:
                path.unlink(missing_ok=True)
    shutil.rmtree(storage / "locks", ignore_errors=True)
    (environment.run / ADMIN_SOCKET).unlink(missing_ok=True)


def _is_filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def become_caddy(environment: Environment, addresses: Sequence[str]) -> None:
    """Turn this process into Caddy. Its configuration goes through a pipe, so nothing is written that could be half."""
    program = find_caddy(environment)
    mend_storage(environment)
    reading, writing = os.pipe()
    os.write(writing, json.dumps(caddy_configuration(environment, addresses)).encode())
    os.close(writing)
    os.dup2(reading, 0)
    folder = str(environment.home / "caddy")
    # Not our own environment: the database's password is none of Caddy's business. The small files that
    # Caddy keeps beside its storage stay in the data directory too.
    zone = "UTC" if environment.log_format == "json" else str(FACILITY_ZONE)
    variables = {"XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder, "HOME": folder, "TZ": zone}
    os.execve(program, [str(program), "run", "--config", "-"], variables)  # noqa: S606  # no shell is wanted
