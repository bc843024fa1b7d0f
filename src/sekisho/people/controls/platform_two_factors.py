"""14⑤ for the platform itself: every account that can sign in has a second factor, a passkey or a seed that opens."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from sekisho.estate.queries import platform_systems, subjects
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import Text, _
from sekisho.people.queries import sealed_second_factors
from sekisho.people.queries.sign_in import holders_of_passkeys
from sekisho.people.services.sign_in import totp_context
from sekisho.trust.sealing import SealBroken, unseal

FACTORS = 2
SHORTEST_SEED = 16  # bytes; RFC 4226, 4: at least 128 bits


def is_usable(account_id: UUID, sealed: bytes | None) -> bool:
    """Tell whether there is an authenticator app that codes can be checked against."""
    if sealed is None:
        return False
    try:
        return len(unseal(settings.SEAL_KEY, sealed, totp_context(account_id))) >= SHORTEST_SEED
    except SealBroken:
        return False


def check() -> Iterator[Finding]:
    """Count the accounts that can sign in and those with a usable second factor; nobody is named."""
    accounts, keys = sealed_second_factors(), holders_of_passkeys()
    usable = sum(account in keys or is_usable(account, sealed) for account, sealed in accounts)
    facts: dict[str, Json] = {"accounts": len(accounts), "with_second_factor": usable}
    outcome, message = _judge(usable, len(accounts))
    for subject in (*platform_systems(), *_login_layers()):
        yield Finding(subject, outcome, message, clock.now(), facts)


def _judge(usable: int, accounts: int) -> tuple[Outcome, Text]:
    if not accounts:
        return Outcome.UNKNOWN, _("Nobody can sign in, so there is nothing to see.")
    numbers = {"usable": usable, "accounts": accounts}
    if usable < accounts:
        return Outcome.FAIL, _("Only %(usable)s of %(accounts)s accounts have a second factor.", **numbers)
    return Outcome.PASS, _("%(usable)s of %(accounts)s accounts have a second factor.", **numbers)


def _login_layers() -> Iterator[Subject]:
    """Yield the client application of the platform: its sign-in."""
    estate: SubjectProvider = subjects.implementation  # type: ignore[assignment]  # the estate's own offer
    for layer in estate.subjects(SubjectKind.LAYER):
        if (layer.facts["kind"], layer.facts["layer"]) == ("platform", "client_application"):
            yield layer


control = Control(
    id="people.platform_two_factors",
    title=_("Everybody signs in to Sekisho with two factors"),
    subject_kind=SubjectKind.SYSTEM,
    check=check,
    every=timedelta(days=1),
    severity=Severity.HIGH,
    remedy=_(
        "Give the people concerned a new link, with which they set up an authenticator app or a passkey, "
        "or disable them."
    ),
    parameters={"authentication_factors": FACTORS},
)
