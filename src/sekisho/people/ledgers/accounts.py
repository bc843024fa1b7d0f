"""The ID ledger (14⑧): the accounts of all registered systems, not only those of the platform."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members
from sekisho.people.actions import ACCOUNTS_TITLE, SystemAccountAction
from sekisho.people.models import AccountKind, SystemAccount
from sekisho.people.queries.id_review import PLATFORM_KIND, own_accounts, systems

_NO_ACCOUNT = _("An account of this system in the ledger")
# Accounts of people who do not stay: without an end they outlive the work they were made for.
_WANT_AN_END = {AccountKind.CONTRACTOR, AccountKind.MAINTENANCE}

ACCOUNTS = Ledger(
    id="people.accounts",
    title=ACCOUNTS_TITLE,
    model=SystemAccount,
    columns=(
        Column("system", _("System"), _("The system the account signs in to."), listed=True, filtered=True),
        Column("login", _("Login name"), _("Exactly as the system has it."), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("owner", _("Owner"), _("The one person who uses it."), listed=True, filtered=True),
        Column(
            "department",
            _("Department in charge"),
            _("For an account of a device or a service: who answers for it."),
            filtered=True,
        ),
        Column("vendor", _("Vendor"), _("For an account of contractors or maintenance."), filtered=True),
        Column("rights", _("Rights")),
        Column("administrator", _("Administrator rights"), listed=True, filtered=True),
        Column("shared", _("Used by several people"), listed=True, filtered=True),
        Column("application", _("Application number"), _("The application on which it was granted.")),
        Column("issued_on", _("Issued on")),
        Column(
            "expires_on",
            _("Ends on"),
            _("Contractors and maintenance need one. Once it has passed, the entry counts as run out."),
            listed=True,
            expires=True,
        ),
        Column("last_used_on", _("Last used on"), listed=True),
        Column("state", _("State"), listed=True, filtered=True),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=180),
    requirements=("SO-10-3", "SO-14-1", "SO-14-4", "SO-14-8"),
    actions=SystemAccountAction,
    prefix="ID",
    group=Group.SECURITY,
)


def _wanted(row: SystemAccount) -> Iterable[tuple[object, Text]]:
    held = row.owner_id or row.department_id or row.vendor_id
    named = not row.shared or row.kind not in {AccountKind.STAFF, *_WANT_AN_END}
    ends = row.kind not in _WANT_AN_END or row.expires_on
    return (held, _("Owner")), (named, _("A person of its own")), (ends, _("Ends on"))


def covered_accounts() -> Iterator[Member]:
    """Yield every account in use, and every system of which no account is known: a gap, not an empty list."""
    yield from members(ACCOUNTS, _wanted, belongs_to=["system"])
    rows = SystemAccount.objects.filter(closed_at=None, struck_at=None)
    known = {str(found) for found in rows.order_by().values_list("system_id", flat=True).distinct()}
    for system in systems():
        if system.facts["kind"] == PLATFORM_KIND:
            yield from _own_members(system.id)
        elif system.id not in known:
            yield Member(frozenset({system.id}), system.label, (_NO_ACCOUNT,))


def _own_members(system_id: str) -> Iterator[Member]:
    """Yield the accounts of the platform itself: each belongs to a person, by the way they are made."""
    for account in own_accounts()[0]:
        yield Member(frozenset({system_id}), account.login)


ACCOUNT_COVERAGE = Coverage(
    id="people.accounts",
    title=_("Owner, end and review of every account of every system"),
    population=_("Registered accounts, and systems without one"),
    measure=covered_accounts,
    route="people:accounts",
)
