"""What a present-day client sees, and how an old one is received: two handshakes, broken off early."""

from contextlib import suppress
from typing import Any

from sekisho.network.queries.handshake.agreement import AGREEABLE
from sekisho.network.queries.handshake.answer import Answer
from sekisho.network.queries.handshake.certificates import chain_facts
from sekisho.network.queries.handshake.hello import CURVES, VERSIONS, Hello
from sekisho.network.queries.handshake.line import Fruitless, Target, Time
from sekisho.network.queries.handshake.look import COMMON, Look
from sekisho.network.queries.handshake.versions import TURNED_AWAY
from sekisho.network.rules.observation import Glance, Version, Why

_FIELDS = ("version", "chain", "certificate_requested", "legacy_refused")
_OLDER = (Version.TLS12, Version.TLS11, Version.TLS10)
_AT_ONCE = 100  # suites of the older versions in one hello


def glance(target: Target, time_: Time) -> Glance:
    """Look at one endpoint. Never raises: what could not be seen is None, with the reason."""
    begun = time_.clock()
    look = Look(target, time_)
    facts: dict[str, Any] = {}
    why: dict[str, Why] = dict.fromkeys(_FIELDS, Why.OUT_OF_TIME)
    with suppress(Fruitless):  # what is not known by then says so
        _modern(look, facts, why)
        _legacy(look, facts, why)
    seconds = round(time_.clock() - begun, 4)
    return Glance(
        target.host, target.port, target.starttls, target.server_name, reachable=True, why=why, seconds=seconds, **facts
    )


def _modern(look: Look, facts: dict[str, Any], why: dict[str, Why]) -> None:
    """Say hello as a present-day client does, and once more in the group that the server asks for."""
    answer = look.ask(_hello(look, COMMON))
    if answer.retry and answer.group in AGREEABLE:
        answer = look.ask(_hello(look, (answer.group,)))
    found = {
        "version": VERSIONS.get(answer.version) if answer.version is not None else None,
        "chain": chain_facts(answer.certificates) if answer.certificates else None,
        "certificate_requested": answer.requested,
    }
    if answer.suite is not None:
        facts["suite"] = look.suites.get(answer.suite)
    for field, value in found.items():
        facts[field] = value
        why.pop(field)
        if value is None:
            why[field] = answer.why or Why.AMBIGUOUS


def _hello(look: Look, groups: tuple[int, ...]) -> Hello:
    modern = look.full_hello(groups)
    suites = (*modern.suites, *look.candidates(Version.TLS12)[:_AT_ONCE])
    # A server that asks for one of the groups without a share costs one hello more.
    return Hello(
        Version.TLS13, suites, tuple(dict.fromkeys((*modern.groups, *AGREEABLE, *CURVES))), look.target.server_name,
        shares=modern.shares, older=_OLDER,
    )  # fmt: skip


def _legacy(look: Look, facts: dict[str, Any], why: dict[str, Why]) -> None:
    """Say hello as a client that ends at TLS 1.1."""
    answer = look.ask(look.hello(Version.TLS11, look.candidates(Version.TLS11)[:_AT_ONCE]))
    facts["legacy_refused"] = refused = _is_refused(answer, known=facts.get("version") is not None)
    why.pop("legacy_refused")
    if refused is None:
        why["legacy_refused"] = answer.why or Why.AMBIGUOUS


def _is_refused(answer: Answer, *, known: bool) -> bool | None:
    if answer.suite is not None:
        return False
    if answer.alert in TURNED_AWAY:
        return True
    # Some servers hang up instead of saying so; that counts where a present-day hello has just been answered.
    return True if known and answer.why is Why.HUNG_UP else None
