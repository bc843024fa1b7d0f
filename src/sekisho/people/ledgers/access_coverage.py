"""How many accounts in use, of every system, rest on a request that was approved, granted and confirmed (14④)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sekisho.kernel.declarations import Coverage, Member
from sekisho.kernel.text import _
from sekisho.ledgers.queries.books import number_of
from sekisho.ledgers.queries.keeping import missing_numbers
from sekisho.people.ledgers.access import ACCESS_REQUESTS
from sekisho.people.ledgers.accounts import ACCOUNTS
from sekisho.people.models import AccountState, SystemAccount
from sekisho.people.queries import access_requests as queries
from sekisho.people.queries.id_review import PLATFORM_KIND, systems
from sekisho.people.queries.people import today
from sekisho.people.rules.access_requests import SEPARATION, Account, Request, account_lacks

_NO_ACCOUNT = _("An account of this system in the ID ledger")
_VANISHED = _("The entry itself: its number was given, and it is not there")
Dated = Sequence[tuple[Request, datetime]]


def covered_rights() -> Iterator[Member]:
    """Yield every account in use with what its rights lack, and every system of which no account is known.

    An account is as fresh as the last look at it or at a request for it. A request whose number vanished is a gap.
    """
    here, both, requests = systems(), queries.people_with_both_duties(), queries.requests_in_use()
    own = [system.id for system in here if system.facts["kind"] == PLATFORM_KIND]
    without = {system.id: system.label for system in here if system.id not in own}
    for row in _accounts(list(without)):
        system = str(row.system_id)
        account = Account(row.login_key, str(row.owner_id) if row.owner_id else None, row.rights, row.administrator)
        label = f"{number_of(ACCOUNTS, row.number)} {row.system}: {row.login}"
        yield _member(system, label, account, requests.get((system, account.login), ()), both, row.confirmed_at)
    for system in own:
        for seen, owner in queries.own_accounts():
            account = Account(seen.key, owner, seen.rights, administrator=False)
            yield _member(system, seen.login, account, requests.get((system, seen.key), ()), both, None)
    known = {
        str(system) for system in _accounts(list(without)).order_by().values_list("system_id", flat=True).distinct()
    }
    for system in without.keys() - known:
        yield Member(frozenset({system}), without[system], (_NO_ACCOUNT,))
    for number in missing_numbers(ACCESS_REQUESTS):
        yield Member(frozenset(), number_of(ACCESS_REQUESTS, number), (_VANISHED,))


def _accounts(systems_here: list[str]) -> Any:
    rows = SystemAccount.objects.filter(closed_at=None, struck_at=None, state=AccountState.ACTIVE)
    return rows.filter(system_id__in=systems_here).select_related("system").order_by("number")


def _member(
    system: str, label: str, account: Account, requests: Dated, both: frozenset[str], looked: datetime | None
) -> Member:
    missing = list(account_lacks(account, [request for request, _at in requests], today()))
    if {account.owner, *(request.person for request, _at in requests)} & both:
        missing.append(SEPARATION)
    looks = [moment for moment in (looked, *(at for _request, at in requests)) if moment is not None]
    return Member(frozenset({system}), label, tuple(missing), max(looks, default=None))


ACCESS_COVERAGE = Coverage(
    id="people.access_requests",
    title=_("Approval, granting and confirmation of the rights of every account"),
    population=_("Accounts in use of every system, and systems without a known account"),
    measure=covered_rights,
    route="people:access_requests",
)
