"""The ledger of changed and temporary credentials (14③, 14⑥(4)), and what each entry must say."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sekisho.estate.queries import platform_systems
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members
from sekisho.people.actions import RESETS_TITLE, ResetAction
from sekisho.people.models import AccountReset, CredentialReset, IdentityProof, ResetKind
from sekisho.people.queries.temporary_factors import every_factor, every_reset

_ON_PAPER = {IdentityProof.STAFF_CARD, IdentityProof.OFFICIAL}

RESETS = Ledger(
    id="people.resets",
    title=RESETS_TITLE,
    model=CredentialReset,
    columns=(
        Column("system", _("System"), listed=True, filtered=True),
        Column("account", _("Account"), listed=True),
        Column("person", _("Who asked"), listed=True),
        Column("kind", _("What was done"), listed=True, filtered=True),
        Column("proof", _("How identity was checked"), listed=True, filtered=True),
        Column("document", _("Copy of the paper shown"), _("Which paper, and where its copy is kept.")),
        Column("done_on", _("Done on"), listed=True),
        Column("done_by", _("Done by")),
        Column("told_how", _("How only the person was told"), _("Handed over in person, sealed print, one-time link.")),
        Column("ends_on", _("Ends on"), _("Temporary means need one.")),
        Column("ended_on", _("Ended or taken back on"), _("Once the time has passed.")),
        Column("leak_measures", _("What was done about the leak"), _("The old one made void at once; what else.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-14-3", "SO-14-6-4"),
    actions=ResetAction,
    prefix="CR",
    group=Group.SECURITY,
)


def _wanted(row: CredentialReset) -> Iterable[tuple[object, Text]]:
    yield row.told_how, _("How only the person was told")
    if row.proof in _ON_PAPER:
        yield row.document, _("Copy of the paper shown")
    if row.kind == ResetKind.LEAK:
        yield row.leak_measures, _("What was done about the leak")
    if row.kind == ResetKind.TEMPORARY:
        yield row.ends_on, _("Ends on")
        over = row.ends_on is not None and row.ends_on < in_facility(clock.now()).date()
        yield not over or row.ended_on, _("Ended or taken back on")


def credential_resets() -> Iterator[Member]:
    """Yield every entry, and the factors and resets of the platform itself: none is made without all of it."""
    yield from members(RESETS, _wanted, belongs_to=["system"])
    own = frozenset(subject.id for subject in platform_systems())
    for factor in every_factor():
        yield Member(own, factor.user.login, (), factor.issued_at)
    for reset in every_reset():
        yield Member(own, _own_label(reset), (), reset.done_at)


def _own_label(reset: AccountReset) -> str:
    """Return login, number, and whether a copy of the document shown is kept with it: its kind and last day."""
    copy = getattr(reset, "copy", None)
    said = f", {copy.kind.upper()} -{copy.keep_until.isoformat()}" if copy is not None else ""
    return f"{reset.user.login} ({reset.number}{said})"


RESET_COVERAGE = Coverage(
    id="people.credential_resets",
    title=_("Identity check, telling and end of each changed or temporary credential"),
    population=_("Registered changes, and those of Sekisho itself"),
    measure=credential_resets,
    route="people:resets",
)
