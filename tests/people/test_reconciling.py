"""Accounts held against staff and ledger: nothing invented, in any order; and any file is read or refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.kernel.errors import InvalidInput
from sekisho.people.rules.account_files import AccountColumns, RowFault, read_accounts
from sekisho.people.rules.directories import filetime_day, generalized_day, shadow_day
from sekisho.people.rules.owners import Certainty, Known, Person, Seen, index_staff, match
from sekisho.people.rules.reconciling import Fault, reconcile

TODAY = date(2026, 11, 21)
ALL = ("login", "last_used", "administrator")
STAFF = [
    Person("1", "1001", "髙橋 一郎", "タカハシ イチロウ", None),
    Person("2", "1002", "渡邉 花子", "ワタナベ ハナコ", None),
    Person("3", "1003", "渡辺 花子", "ワタナベ ハナコ", None),
    Person("4", "1004", "鈴木 次郎", "スズキ ジロウ", TODAY - timedelta(days=1)),
    Person("5", "1005", "鈴木 三郎", "スズキ サブロウ", TODAY),
]


@pytest.mark.parametrize(
    ("seen", "owner", "certainty"),
    [
        (Seen("a", staff_number="１００１"), "1", Certainty.NUMBER),
        (Seen("1001"), "1", Certainty.LOGIN),
        (Seen("a", "高橋一郎", "たかはし　いちろう"), "1", Certainty.NAME_AND_KANA),
        (Seen("a", "高橋　一郎"), "1", Certainty.NAME),
        (Seen("a", "渡辺花子", "ワタナベ ハナコ"), None, Certainty.SEVERAL),
        (Seen("a", "知らない 人", "シラナイ ヒト"), None, Certainty.NOBODY),
        (Seen("a"), None, Certainty.NOBODY),
    ],
)
def test_whose_an_account_is(seen: Seen, owner: str | None, certainty: Certainty) -> None:
    """The surest ground decides; two people of one name are never one of them."""
    found, how = match(seen, None, index_staff(STAFF))
    assert (found.id if found else None, how) == (owner, certainty)


def _well(number: int) -> tuple[list[Seen], list[Known], list[Person]]:
    """Return a system, a ledger and a staff in which everything is right."""
    people = [Person(str(place), f"n{place}", f"姓{place} 名", "", None) for place in range(number)]
    seen = [Seen(f"Ｕ{place}", last_used=TODAY, administrator=False) for place in range(number)]
    known = [
        Known(
            str(place),
            f"u{place}",
            str(place),
            held=True,
            personal=True,
            administrator=False,
            shared=False,
            expires=None,
        )
        for place in range(number)
    ]
    return seen, known, people


@given(st.integers(1, 30), st.data())
@settings(max_examples=60)
def test_only_what_was_made_wrong_is_found(number: int, data: st.DataObject) -> None:
    """Nothing in a sound system; then one account is spoiled in one way, and exactly that is found, in any order."""
    seen, known, people = _well(number)
    assert reconcile(seen, known, people, today=TODAY, columns=ALL).faulty == ()
    place = data.draw(st.integers(0, number - 1))
    fault = data.draw(st.sampled_from(Fault))
    match fault:
        case Fault.LEAVER:
            people[place] = replace(people[place], until=TODAY - timedelta(days=1))
        case Fault.UNUSED:
            seen[place] = replace(seen[place], last_used=TODAY - timedelta(days=91))
        case Fault.NO_OWNER:
            known[place] = replace(known[place], owner=None, held=False)
        case Fault.SHARED:
            known[place] = replace(known[place], shared=True)
        case Fault.ADMINISTRATOR:
            seen[place] = replace(seen[place], administrator=True)
        case Fault.EXPIRED:
            known[place] = replace(known[place], expires=TODAY - timedelta(days=1))
        case Fault.DUPLICATE:
            seen.append(replace(seen[place], login=f"ｕ{place}"))
        case Fault.UNREGISTERED:
            known[place] = replace(known[place], login="other")
        case Fault.GONE:
            del seen[place]
        case Fault.MOVED:
            known[place] = replace(known[place], moved=True)
    mixed = data.draw(st.permutations(seen))
    found = reconcile(mixed, data.draw(st.permutations(known)), people, today=TODAY, columns=ALL)
    expected = {
        Fault.DUPLICATE: {f"Ｕ{place}", f"ｕ{place}"},
        Fault.GONE: {f"u{place}"},
    }.get(fault, {f"Ｕ{place}"})
    assert {one.login for one in found.faulty if fault in one.faults} == expected
    others = {one for account in found.faulty for one in account.faults} - {fault}
    assert others <= ({Fault.GONE, Fault.NO_OWNER} if fault is Fault.UNREGISTERED else set())
    disabled = [replace(account, active=False) for account in seen]
    still = reconcile(disabled, known, people, today=TODAY, columns=ALL).counts()
    assert not any(still[one] for one in (Fault.LEAVER, Fault.UNUSED, Fault.NO_OWNER, Fault.SHARED, Fault.EXPIRED))


def test_what_is_not_told_is_blind_and_not_fine() -> None:
    seen, known, people = _well(1)
    found = reconcile(
        [replace(seen[0], last_used=None, administrator=None)], known, people, today=TODAY, columns=["login"]
    )
    assert (found.faulty, found.blind) == ((), (Fault.UNUSED, Fault.ADMINISTRATOR))


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    """With and without the right heading above it."""
    columns = AccountColumns("ID", state="状態", last_used="最終")
    for content in (data, "ID,状態,最終\n".encode() + data):
        try:
            read = read_accounts(content, columns)
        except InvalidInput:
            continue
        assert all(account.login for account in read.accounts)


def test_every_wrong_cell_is_named() -> None:
    """By its line and its heading."""
    text = f"ID,状態,最終\n,有効,\na,なんだろう,\nb,有効,2026/2/30\n{'c' * 201},有効,\nd\x01,有効,\n"
    wrong = read_accounts(text.encode("cp932"), AccountColumns("ID", state="状態", last_used="最終")).wrong
    assert [(one.line, one.heading, one.fault) for one in wrong] == [
        (2, "ID", RowFault.NO_LOGIN),
        (3, "状態", RowFault.UNKNOWN_WORD),
        (4, "最終", RowFault.NO_DATE),
        (5, "ID", RowFault.TOO_LONG),
        (6, "ID", RowFault.CONTROL),
    ]
    own = AccountColumns("ID", state="状態", off_words=("なんだろう",))
    read = read_accounts("ID,状態\na,なんだろう\nb,何でも\n".encode(), own)
    assert [account.active for account in read.accounts] == [False, True]


@given(st.text(max_size=30) | st.integers().map(str))
def test_any_moment_of_a_directory_is_a_day_or_none(text: str) -> None:
    """Whatever the server sends."""
    for reader in (filetime_day, generalized_day, shadow_day):
        assert reader(text) is None or isinstance(reader(text), date)


def test_days_of_directories() -> None:
    """Known values: MS-ADTS's start, a Japanese morning, "never", and a day of shadow."""
    assert filetime_day("116444736000000000") == date(1970, 1, 1)
    assert filetime_day(str(2**63 - 1)) is None
    assert filetime_day("0") is None
    assert generalized_day("20261120153000.0Z") == date(2026, 11, 21)
    assert shadow_day("20000") == date(2024, 10, 4)
    assert shadow_day("-1") is None
