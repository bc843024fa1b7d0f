"""Every read of people that pages and other apps need, and what it offers to ports."""

from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import Directory, ReferenceTable, Usage
from sekisho.people.queries.accounts import (
    account,
    actor_of,
    may_sign_in,
    nobody_has_an_account,
    sealed_second_factors,
    stored_password_kinds,
)
from sekisho.people.queries.people import (
    PersonRow,
    accounts_of,
    grants_of,
    head_count,
    held_grants,
    lasting_operators,
    open_links_of,
    people,
    person,
    roles_in_use,
    roles_of,
    today,
    working_operators,
)
from sekisho.people.queries.ports import AccountsTable, StaffDirectory, StaffKana, StaffTable, StaffUsage

__all__ = [
    "AccountsTable",
    "PersonRow",
    "StaffDirectory",
    "StaffKana",
    "StaffTable",
    "StaffUsage",
    "account",
    "accounts_of",
    "actor_of",
    "grants_of",
    "head_count",
    "held_grants",
    "lasting_operators",
    "may_sign_in",
    "nobody_has_an_account",
    "open_links_of",
    "people",
    "person",
    "roles_in_use",
    "roles_of",
    "sealed_second_factors",
    "stored_password_kinds",
    "today",
    "working_operators",
]

staff_usage = Provider(Usage, StaffUsage())
directory = Provider(Directory, StaffDirectory())
staff_table = Provider(ReferenceTable, StaffTable())
staff_kana = Provider(ReferenceTable, StaffKana())
accounts_table = Provider(ReferenceTable, AccountsTable())
