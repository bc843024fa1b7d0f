"""What the ledgers about lines must cover: every registered line they speak of, and every entry of each."""

from collections.abc import Iterable, Iterator
from typing import Any

from sekisho.estate.queries import happened
from sekisho.kernel.declarations import Coverage, Ledger, Member, Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.reading import once
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import Wanted, members
from sekisho.network.ledgers.lines import CONFIRMATIONS, SERVICES, TRANSMISSIONS
from sekisho.network.models import (
    CarrierConfirmation,
    ContentCipher,
    ExternalService,
    OpenStretch,
    Sending,
    Transmission,
)
from sekisho.network.queries.configuration_profile import configuration_profile
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.line_types import judge_line

_INSIDE = frozenset({"lan", "wireless_lan"})
# Protected by TLS from end to end, they do not count on the safety of a carrier's closed network (13, item 3).
_END_TO_END = frozenset({"open_tls13_mtls", "open_tls12_mtls"})
_NOBODY_PROMISES = "open_other"
Wishes = Iterable[tuple[object, Text]]


def _per_line(ledger: Ledger, wanted: Wanted, apart: frozenset[str], nothing: Text) -> Iterator[Member]:
    """Yield every entry about an open line whose kind is not ``apart``, and every such line without an entry."""
    links = once("lines of the estate", lambda: registered(SubjectKind.LINK))
    asked = {link.id: link for link in links if link.facts["line"] not in apart}
    told: set[str] = set()
    for member in members(ledger, wanted, belongs_to=["link"], only=lambda row: str(row.link_id) in asked):
        told |= member.belongs_to
        yield member
    for key, link in asked.items():
        if key not in told:
            yield Member(frozenset({key}), link.label, (nothing,))


def _confirmation_wanted(row: CarrierConfirmation) -> Wishes:
    yield row.line == row.link.line, _("The kind of line that is registered")
    yield _is_assessed(row), _("A kind of line that table 13-1 counts as conforming, or an assessment")
    yield happened(row.answered_on), _("Answered on")
    yield row.answered_by, _("Answered by")
    yield row.protected_from, _("Protected from")
    yield row.protected_to, _("Protected to")
    yield row.open_stretch in {OpenStretch.NONE, OpenStretch.OWN}, _("No unprotected stretch of Internet")
    if row.open_stretch == OpenStretch.OWN:
        yield row.own_encryption, _("Encryption by our own devices")
    yield row.answer_kept_at, _("Copy of the answer")


def _is_assessed(row: CarrierConfirmation) -> object:
    """Tell whether the table counts the kind of line as conforming; what it leaves open is assessed on paper."""
    judged = judge_line(configuration_profile().table, row.line).outcome
    return row.assessment if judged is Outcome.UNKNOWN else judged is Outcome.PASS


def carrier_confirmations() -> Iterator[Member]:
    """Yield every line that counts on a carrier, with what its confirmation lacks."""
    nothing = _("The carrier's answer about this line")
    return _per_line(CONFIRMATIONS, _confirmation_wanted, _INSIDE | _END_TO_END, nothing)


def _transmission_wanted(row: Transmission) -> Wishes:
    yield happened(row.decided_on), _("Decided on")
    yield row.decided_by, _("Decided by")
    if row.sending == Sending.NOTHING:
        yield row.reason, _("Reason")
        return
    yield row.information, _("Information")
    yield row.recipient, _("Recipient")
    if row.encryption == ContentCipher.ENCRYPTED:
        yield row.method, _("Method")
        yield happened(row.agreed_on), _("Agreed with the recipient on")
        yield happened(row.seen_on), _("Really sent information looked at on")
    else:
        # Nobody promises which way something takes over an open network: no reason makes up for encryption there.
        weighed = row.encryption == ContentCipher.NOT_NEEDED and row.link.line != _NOBODY_PROMISES
        yield weighed and row.reason, _("Encryption of the information itself")


def transmissions() -> Iterator[Member]:
    """Yield every line with each kind of information that is sent over it; without an entry, the line itself."""
    nothing = _("What is sent over this line, or that nothing goes outside")
    return _per_line(TRANSMISSIONS, _transmission_wanted, frozenset(), nothing)


def _service_wanted(row: ExternalService) -> Wishes:
    yield row.reason, _("Reason for choosing it")
    yield row.keeper, _("Person in charge")
    yield row.destination, _("Destination")
    yield row.origin, _("Origin")
    yield row.is_approved, _("Approval")
    if row.holds_medical_information:
        yield happened(row.rules_checked_on), _("Compared with our rules on")


def external_services() -> Iterator[Member]:
    """Yield every line that leads outside, with each service that may be reached over it."""
    return _per_line(SERVICES, _service_wanted, _INSIDE, _("A permitted service over this line"))


def _coverage(ledger: Ledger, title: Text, population: Text, measure: Any) -> Coverage:
    return Coverage(ledger.id, title, population, measure, ledger.id.replace(".", ":"))


CARRIER_CONFIRMATIONS = _coverage(
    CONFIRMATIONS,
    _("Carrier's confirmation for each line that counts on it"),
    _("Registered lines that count on a carrier"),
    carrier_confirmations,
)
SENT_INFORMATION = _coverage(
    TRANSMISSIONS,
    _("What is sent over each line, and how it is encrypted"),
    _("Registered lines, and each kind of information sent over them"),
    transmissions,
)
EXTERNAL_SERVICES = _coverage(
    SERVICES,
    _("Reason and person in charge of each permitted outside service"),
    _("Registered lines that lead outside, and each service over them"),
    external_services,
)
