"""Fetching accounts from a directory: read-only, over TLS that is checked, in pages, within limits of time.

``ldap3`` is an optional extra: it is loaded when a directory is fetched, and its absence is said.
"""

import importlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ObjectDoesNotExist

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import SekishoError
from sekisho.people.actions import IdReviewAction
from sekisho.people.errors.accounts import (
    DirectoryExtraMissing,
    DirectoryFailed,
    DirectoryTooLarge,
    DirectoryWithoutPassword,
)
from sekisho.people.models import AccountSource
from sekisho.people.queries import today
from sekisho.people.queries.id_review import directory_sources
from sekisho.people.rules.directories import (
    ATTRIBUTES,
    FILTERS,
    MEMBERS,
    DirectoryEntry,
    DirectorySettings,
    Flavour,
    Security,
    accounts_of,
    read_settings,
)
from sekisho.people.services.id_review import SnapshotData, note_trouble, store_fetched
from sekisho.trust.sealing import seal, unseal

CONNECT_SECONDS = 10
ANSWER_SECONDS = 30
PAGE = 1000
MOST_ENTRIES = 200_000
AGAIN_AFTER = timedelta(hours=23)


def seal_password(system_id: object, password: str) -> bytes:
    """Return a directory's password sealed for its system."""
    return seal(django_settings.SEAL_KEY, password.encode(), _context(system_id))


def _context(system_id: object) -> str:
    return f"directory:{system_id}"


def fetch_due(*, actor: Actor) -> int:
    """Fetch every directory that was not fetched today or was changed since; return how many answered.

    One that does not answer is noted with the reason; what it gave before stays. Raises Forbidden.
    """
    actor.require(IdReviewAction.FETCH)
    return sum(_fetch_one(actor, source) for source in directory_sources() if _is_due(source))


def _is_due(source: AccountSource) -> bool:
    tried = source.tried_at
    return tried is None or tried < source.updated_at or clock.now() - tried >= AGAIN_AFTER


def _fetch_one(actor: Actor, source: AccountSource) -> bool:
    """Fetch one directory outside any transaction, then store what came, or why nothing came."""
    try:
        data = fetch_accounts(source)
        store_fetched(actor=actor, source_id=source.pk, data=data)
    except (SekishoError, ObjectDoesNotExist) as error:
        note_trouble(actor=actor, source_id=source.pk, trouble=str(error))
        return False
    return True


def fetch_accounts(source: AccountSource) -> SnapshotData:
    """Return the accounts of a directory. Writes nothing.

    Raises DirectoryExtraMissing, DirectoryWithoutPassword, DirectoryFailed, DirectoryTooLarge, SealBroken.
    """
    settings = read_settings(source.directory)
    if not source.sealed_password:
        raise DirectoryWithoutPassword
    password = unseal(django_settings.SEAL_KEY, bytes(source.sealed_password), _context(source.system_id)).decode()
    with _connection(settings, password) as (ldap3, connection):
        wanted = ATTRIBUTES[Flavour(settings.flavour)]
        text = settings.filter or FILTERS[Flavour(settings.flavour)]
        members = _members(connection, settings, ldap3)
        # One after the other: what a directory says of its people is ten times what is kept of it.
        entries = _pages(connection, settings.base, text, wanted, ldap3.SUBTREE)
        accounts, told = accounts_of(entries, members, settings)
    return SnapshotData(today(), accounts, told, f"{settings.host}:{settings.port} {settings.base}")


def _library() -> ModuleType:
    try:
        return importlib.import_module("ldap3")
    except ImportError as error:
        raise DirectoryExtraMissing from error


@contextmanager
def _connection(settings: DirectorySettings, password: str) -> Iterator[tuple[ModuleType, Any]]:
    """Yield a bound read-only connection. Everything the library raises becomes DirectoryFailed."""
    ldap3 = _library()
    problems = importlib.import_module("ldap3.core.exceptions").LDAPException
    secured = settings.security == Security.LDAPS
    try:
        server = ldap3.Server(
            settings.host,
            port=settings.port,
            use_ssl=secured,
            tls=_checked_tls(ldap3, settings),
            get_info=ldap3.NONE,
            connect_timeout=CONNECT_SECONDS,
        )
        connection = ldap3.Connection(
            server,
            user=settings.bind_dn,
            password=password,
            read_only=True,
            auto_referrals=False,  # a referral would carry the password to a server that nobody named
            raise_exceptions=True,
            check_names=False,
            receive_timeout=ANSWER_SECONDS,
        )
        # Not the library's context manager: it binds before TLS is started.
        try:
            connection.open()
            if not secured:
                connection.start_tls()
            connection.bind()
            yield ldap3, connection
        finally:
            connection.unbind()
    except (problems, ssl.SSLError, OSError) as error:
        raise DirectoryFailed(reason=str(error)[:300] or type(error).__name__) from error


def _checked_tls(ldap3: ModuleType, settings: DirectorySettings) -> Any:
    """Return the TLS of a connection: the facility's authority, and the name that was entered, by Python itself."""
    context = ssl.create_default_context(cadata=settings.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def wrap_socket(_tls: Any, connection: Any, do_handshake: bool = False) -> None:
        connection.socket.settimeout(ANSWER_SECONDS)  # of the handshake and of every answer
        connection.socket = context.wrap_socket(connection.socket, server_hostname=settings.host)

    return type("CheckedTls", (ldap3.Tls,), {"wrap_socket": wrap_socket})()


def _pages(connection: Any, base: str, text: str, wanted: tuple[str, ...], scope: Any) -> Iterator[DirectoryEntry]:
    answers = connection.extend.standard.paged_search(
        base, text, search_scope=scope, attributes=list(wanted), paged_size=PAGE, generator=True
    )
    for number, answer in enumerate(answers):
        if number >= MOST_ENTRIES:
            raise DirectoryTooLarge(most=MOST_ENTRIES)
        if answer.get("type") == "searchResEntry":
            yield _entry(answer)


def _entry(answer: Any) -> DirectoryEntry:
    values = {
        name.lower(): [value.decode("utf-8", "replace") for value in found]
        for name, found in answer["raw_attributes"].items()
    }
    return DirectoryEntry(answer["dn"], values)


def _members(connection: Any, settings: DirectorySettings, ldap3: ModuleType) -> list[str]:
    if not settings.administrators:
        return []
    group = _pages(connection, settings.administrators, "(objectClass=*)", MEMBERS, ldap3.BASE)
    return [member for entry in group for name in MEMBERS for member in entry.all(name)]
