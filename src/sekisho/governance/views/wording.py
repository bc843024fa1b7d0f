"""Verdicts, proofs and causes in the reader's words: the tables keep stable codes, the pages show what they mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.governance.queries.exceptions import ExceptionEntry
from sekisho.governance.rules.catalogue import Level
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.rules.filtering import SETTLED
from sekisho.governance.rules.mapping import Proof, ProofKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.dates import format_date, format_year
from sekisho.kernel.declarations import GROUP_LABELS, Group
from sekisho.kernel.ports import SubjectKind
from sekisho.ui.display import Display
from sekisho.ui.parts import Badge, Kind, Words

VERDICT_BADGES: Mapping[Verdict, Badge] = {
    Verdict.CONFORMING: Badge(Kind.OK, Verdict.CONFORMING.label),
    Verdict.PARTIAL: Badge(Kind.WARN, Verdict.PARTIAL.label),
    Verdict.NONCONFORMING: Badge(Kind.NG, Verdict.NONCONFORMING.label),
    Verdict.CANNOT_TELL: Badge(Kind.WARN, Verdict.CANNOT_TELL.label, "？"),
    Verdict.EXPIRED: Badge(Kind.WARN, Verdict.EXPIRED.label),
    Verdict.NOT_ASSESSED: Badge(Kind.NEUTRAL, Verdict.NOT_ASSESSED.label, "…"),
    Verdict.NOT_APPLICABLE: Badge(Kind.NEUTRAL, Verdict.NOT_APPLICABLE.label),
}
REASSESS = Badge(Kind.INFO, _("To be judged again"))
NOT_BUILT = Badge(Kind.NEUTRAL, _("Not built yet"), "…")
# By the names in which the states of proofs are stored (rules.changes.proof_document).
STATE_BADGES: Mapping[str, Badge] = {
    "excluded": Badge(Kind.NEUTRAL, _("Says nothing about this"), "－"),
    "holds": Badge(Kind.OK, _("Proven")),
    "partly": Badge(Kind.WARN, _("Proven in part")),
    "absent": Badge(Kind.NEUTRAL, _("No proof yet"), "…"),
    "stale": Badge(Kind.WARN, _("Out of date")),
    "unknown": Badge(Kind.WARN, _("Cannot tell"), "？"),
    "fails": Badge(Kind.NG, _("Does not hold")),
}
PROOF_KINDS: Mapping[str, Words] = {
    ProofKind.CONTROL: _("Measure"),
    ProofKind.LEDGER: _("Ledger"),
    ProofKind.DOCUMENT: _("Document"),
    ProofKind.ATTESTATION: _("Attestation"),
}
SUBJECT_KINDS: Mapping[SubjectKind, Words] = {
    SubjectKind.FACILITY: _("the whole facility"),
    SubjectKind.SYSTEM: _("each system"),
    SubjectKind.LAYER: _("each layer of a system"),
    SubjectKind.ENDPOINT: _("each endpoint"),
    SubjectKind.LINK: _("each network link"),
    SubjectKind.VENDOR: _("each vendor"),
    SubjectKind.DEVICE_GROUP: _("each group of devices"),
}
LEVELS: Mapping[Level, Words] = {Level.REQUIRED: _("Required"), Level.RECOMMENDED: _("Recommended")}
# The guideline's own groups of chapters, by their names in an edition.
GROUP_TITLES: Mapping[str, Words] = {
    "common": _("General"),
    "client": GROUP_LABELS[Group.CLIENT],
    "server": GROUP_LABELS[Group.SERVER],
    "infrastructure": GROUP_LABELS[Group.INFRASTRUCTURE],
    "security": GROUP_LABELS[Group.SECURITY],
}
_EXCEPTIONS: Mapping[ExceptionState, tuple[Kind, Words]] = {
    ExceptionState.IN_FORCE: (Kind.INFO, _("Exception until %(day)s")),
    ExceptionState.ENDING: (Kind.WARN, _("Exception ends soon: %(day)s")),
    ExceptionState.ENDED: (Kind.NG, _("Exception ended: %(day)s")),
}
_CLAIMS = {ProofKind.DOCUMENT, ProofKind.ATTESTATION}
_Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the run behind a proof found about a subject, and when; ``facts`` are empty where they are not shown."""

    message: str
    observed_at: datetime
    url: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What one proof says about one subject, as the pages show it."""

    badge: Badge
    kind: Words
    what: str
    until: datetime | None
    numbers: str
    own: bool
    reassess: bool
    application: str
    seen: Sequence[Seen] = ()


def whats(proofs: Iterable[Proof], language: str) -> dict[tuple[str, str], str]:
    """Return what each proof of a leaf shows, in words, by its kind and id."""
    return {(proof.kind.value, proof.id): proof.what.text(language) for proof in proofs}


def proof_lines(proofs: Iterable[_Stored], what: Mapping[tuple[str, str], str]) -> list[ProofLine]:
    """Return stored proofs as lines; one that the mapping no longer names is shown by its id."""
    return [_line(proof, what.get((proof["kind"], proof["id"]), proof["id"])) for proof in proofs]


def _line(proof: _Stored, what: str) -> ProofLine:
    return ProofLine(
        badge=NOT_BUILT if proof["planned"] else STATE_BADGES[proof["state"]],
        kind=PROOF_KINDS[proof["kind"]],
        what=what,
        until=datetime.fromisoformat(proof["until"]) if proof["until"] else None,
        numbers="" if proof["n"] is None else f"{proof['n']}/{proof['N']}",
        own=proof["own"],
        reassess=proof["reassess"],
        application=_application(proof),
    )


def _application(proof: _Stored) -> str:
    """Return the address of the approved application that a claim rests on, empty for other proofs."""
    if proof["kind"] not in _CLAIMS or not proof["ref"]:
        return ""
    return application_url(proof["ref"])


def application_url(ref: str) -> str:
    """Return the address of an application by its id as stored."""
    return reverse("ledgers:application", args=[UUID(ref)])


def cause_lines(
    cause: _Stored, what: Mapping[tuple[str, str], str], *, after: Verdict | None
) -> list[tuple[str, Badge | None, Badge | None]]:
    """Return why a verdict changed: for each changed proof its words and its states; else one line of words."""
    if cause["kind"] == "proofs":
        return [_cause(change, what) for change in cause["changes"]]
    if cause["kind"] == "first":
        words = _("Judged for the first time")
    elif cause["kind"] == "gone":
        words = _("The entry was closed, or the item is no longer in the edition")
    elif cause["ref"] and after is Verdict.NOT_APPLICABLE:
        words = _("It was approved that the item does not apply")
    elif cause["ref"]:
        words = _("The approval that the item does not apply ended or was revoked")
    elif after is Verdict.NOT_APPLICABLE:
        words = _("The item ceased to apply")
    else:
        words = _("The item began to apply")
    return [(str(words), None, None)]


def _cause(change: _Stored, what: Mapping[tuple[str, str], str]) -> tuple[str, Badge | None, Badge | None]:
    kind, name = change["proof"]
    words = gettext("%(kind)s: %(what)s") % {"kind": PROOF_KINDS[kind], "what": what.get((kind, name), name)}
    return words, STATE_BADGES.get(change["before"] or "absent"), STATE_BADGES.get(change["after"] or "absent")


def reason_words(reason: Any, language: str) -> str:
    """Return why an item does not apply: in the reader's language by rule, in the approver's words by claim."""
    return str(reason.get("said") or reason[language]) if reason else ""


def fiscal_year_words(year: int, display: Display) -> str:
    """Return a fiscal year as offices name it: 令和8年度, 2026年度, or FY 2026 in English."""
    if display.language != "ja":
        return f"FY {year}"
    return f"{format_year(date(year, 4, 1), display.calendar)}度"


def exception_badge(entry: ExceptionEntry, display: Display) -> Badge:
    """Return an approved exception in few words; it stands beside a verdict."""
    kind, words = _EXCEPTIONS[entry.state]
    day = format_date(entry.valid_until, display.calendar, display.language)
    return Badge(kind, str(words) % {"day": day})


def exceptions_badge(entries: Sequence[ExceptionEntry], verdict: Verdict, display: Display) -> Badge | None:
    """Return the badge of the exception that ends next, else of the last one that ended while the item is open."""
    going = [entry for entry in entries if entry.is_in_force]
    if going:
        return exception_badge(going[0], display)
    return exception_badge(entries[-1], display) if entries and verdict not in SETTLED else None


def due_badge(due_on: date | None, verdict: Verdict, today: date) -> Badge | None:
    """Return that an item is overdue; what conforms or does not apply is due no more."""
    overdue = due_on is not None and due_on < today and verdict not in SETTLED
    return Badge(Kind.NG, _("Overdue")) if overdue else None
