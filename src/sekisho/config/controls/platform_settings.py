"""14⑥(5) for the platform itself: nothing is set that shows secrets or lets anybody round the sign-in.

Looked at are the settings in force in this process; every process of an installation has the same.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _

LONGEST_SESSION = 12 * 60 * 60  # seconds, one long shift
_NEEDED = {"django.middleware.csrf.CsrfViewMiddleware", "sekisho.config.middleware.DenyUnmarkedViews"}


def _shows_no_errors() -> bool:
    return not settings.DEBUG


def _names_its_hosts() -> bool:
    hosts = settings.ALLOWED_HOSTS
    return bool(hosts) and not any("*" in host or host.startswith(".") for host in hosts)


def _logs_no_details() -> bool:
    return bool(settings.LOGGING["root"]["level"] != "DEBUG")


def _guards_cookies() -> bool:
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    flags = (settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_SECURE)
    return all(flags) and all(name.startswith("__Host-") for name in names)


def _ends_sessions() -> bool:
    return bool(settings.SESSION_COOKIE_AGE <= LONGEST_SESSION)


def _has_one_sign_in() -> bool:
    return settings.AUTHENTICATION_BACKENDS == [] and set(settings.MIDDLEWARE) >= _NEEDED


def _reaches_its_database_safely() -> bool:
    """On this computer, or over TLS with the server's certificate and name checked."""
    database: Mapping[str, Any] = settings.DATABASES["default"]
    host = str(database.get("HOST") or "")
    options: Mapping[str, Any] = database.get("OPTIONS") or {}
    return _is_here(host) or options.get("sslmode") == "verify-full"


def _is_here(host: str) -> bool:
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# What is looked at, by the word that the finding names.
LOOKS: Mapping[str, Callable[[], bool]] = {
    "debug": _shows_no_errors,
    "hosts": _names_its_hosts,
    "log_level": _logs_no_details,
    "cookies": _guards_cookies,
    "session_age": _ends_sessions,
    "sign_in": _has_one_sign_in,
    "database": _reaches_its_database_safely,
}


def check() -> Iterator[Finding]:
    """Look at every setting that could weaken the platform."""
    weak = [name for name, is_sound in LOOKS.items() if not is_sound()]
    facts: dict[str, Json] = {"looked_at": list(LOOKS), "weak": list(weak)}
    for subject in platform_systems():
        yield Finding(subject, Outcome.FAIL if weak else Outcome.PASS, _words(weak), clock.now(), facts)


def _words(weak: list[str]) -> Text:
    if weak:
        return _("Settings weaken Sekisho: %(names)s", names=", ".join(weak))
    return _("No setting weakens Sekisho.")


control = Control(
    id="config.platform_settings",
    title=_("No setting weakens Sekisho"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_("Put back the setting that is named (SEKISHO_LOG_LEVEL, SEKISHO_DATABASE_URL), then start Sekisho again."),
    parameters={},
)
