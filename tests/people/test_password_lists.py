"""One password for two accounts: found in hashes without a salt, refused here, and nothing of them kept that is one."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.services.books import add_entry as add_account
from sekisho.people.errors.sign_in import PasswordUsedElsewhere
from sekisho.people.jobs import copies
from sekisho.people.ledgers import ACCOUNTS
from sekisho.people.models import Owner, PasswordList, User
from sekisho.people.rules.password_lists import (
    SALTED,
    Hashed,
    ListUnreadable,
    read_list,
    sharing,
    verifiers,
    verifiers_of,
)
from sekisho.people.services.password_lists import take_list
from sekisho.people.services.passwords import require_good_password
from sekisho.people.views.password_lists import _state
from sekisho.register.models import Event
from sekisho.trust.nt_hash import md4, nt_hash
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("english")  # what people read is compared in the language of the ids

OTHER = "yama no hi 2026 tori"
EMPTY_LM = "aad3b435b51404eeaad3b435b51404ee"


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "e33b4ddc9c38f2199c3e7b164fcc0536",
        ),
    ],
)
def test_md4_as_in_rfc_1320(text: str, digest: str) -> None:
    assert md4(text.encode()).hex() == digest
    assert nt_hash("password") == "8846f7eaee8fb117ad06bdd830b7586c"


def test_the_forms_that_are_read() -> None:
    """Of Windows with its domain, pairs of a login and a hash, and salted ones, which are only counted."""
    nt = nt_hash(OTHER)
    lines = (
        f"CLINIC\\hanako:1104:{EMPTY_LM}:{nt}:::",
        f"taro:1105:{EMPTY_LM}:{nt.upper()}:::",
        f"PC01$:1106:{EMPTY_LM}:{nt}:::",
        "# remark",
        "lab:5f4dcc3b5aa765d61d8327deb882cf99",
        "cloud\t$2b$12$abcdefghijklmnopqrstuuJ1q",
        "web,pbkdf2_sha256$600000$salt$hash=",
    )
    rows = read_list("\r\n".join(lines).encode())
    assert [(row.login, row.kind) for row in rows][:4] == [
        ("hanako", "nt"),
        ("taro", "nt"),
        ("PC01$", "nt"),
        ("lab", "md5"),
    ]
    assert {row.kind for row in rows[4:]} == {SALTED}
    assert sharing(rows) == [["hanako", "taro"]]
    assert nt not in repr(rows)
    for wrong in (b"", b"hanako", b"hanako:secret", b"\xff\xfe\x00", b"x" * (5 * 2**20 + 1)):
        with pytest.raises(ListUnreadable):
            read_list(wrong)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.text(max_size=40), st.sampled_from(["nt", "md5", "sha1", "sha256"]))
def test_a_password_is_recognised_by_each_kind(password: str, kind: str) -> None:
    value = verifiers_of(password, lambda _kind, value: value)[kind]
    kept = verifiers([Hashed("a", kind, value)], lambda one, two: f"{one}:{two}")
    assert kept["a"] == [kind, verifiers_of(password, lambda one, two: f"{one}:{two}")[kind]]


@pytest.fixture
def systems(operator: Actor) -> list[Entry]:
    """Two systems with passwords of their own."""
    values: list[dict[str, Any]] = [
        {"name": "電子カルテ", "kind": "emr", "form": "on_premises"},
        {"name": "検査", "kind": "laboratory", "form": "on_premises"},
    ]
    return [add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=one) for one in values]


def own(operator: Actor, system: Entry, user: User, login: str) -> None:
    """Enter an account of a person into the ID ledger."""
    values = {"system": system, "login": login, "owner": Owner.objects.get(pk=user.staff_id)}
    add_account(actor=operator, ledger=ACCOUNTS, values=values)


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_after_a_restore_with_other_keys_passwords_are_chosen_still(
    signed_in: Callable[..., Client], operator: Actor, systems: list[Entry], caplog: pytest.LogCaptureFixture
) -> None:
    """Marks under another key compare with nothing, and page and log say so; another file can be handed in."""
    user: User = signed_in(Role.STAFF, login="nurse").user  # type: ignore[attr-defined]
    own(operator, systems[0], user, "hanako")
    data = f"hanako:1104:{EMPTY_LM}:{nt_hash(OTHER)}:::".encode()
    take_list(actor=operator, system_id=systems[0].pk, data=data)
    row = PasswordList.objects.get()
    with override_settings(SEAL_KEY=bytes(32)):
        require_good_password(OTHER, about=(), user=user)
        assert str(row.system_id) in caplog.text
        clerk = signed_in(Role.SYSTEM_OPERATOR, login="clerk")
        assert "sealed with other keys" in clerk.get(f"/people/reuse/{row.system_id}/").content.decode()
        assert "Cannot be compared" in clerk.get("/people/reuse/").content.decode()
        take_list(actor=operator, system_id=systems[1].pk, data=data)
    with pytest.raises(PasswordUsedElsewhere):
        require_good_password(OTHER, about=(), user=user)


def shown_state(row: PasswordList) -> str:
    return str(_state(row, is_readable=True).text)


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_nothing_found_is_said_only_of_what_was_compared(
    operator: Actor, systems: list[Entry], make_person: Callable[..., User]
) -> None:
    """One hash of three says nothing of the others, nor do accounts of which nobody knows whose they are."""
    user = make_person("nurse", Role.STAFF)
    salted = "taro:$2b$12$abcdefghijklmnopqrstuuJ1q\nlab:$2b$12$abcdefghijklmnopqrstuuJ2q\n"
    line = f"hanako:1104:{EMPTY_LM}:{nt_hash(OTHER)}:::\n"
    part = take_list(actor=operator, system_id=systems[0].pk, data=f"{line}{salted}".encode())
    assert shown_state(part) == "Cannot tell: 1 of 3 accounts compared, 0 with a known owner"
    whole = take_list(actor=operator, system_id=systems[0].pk, data=line.encode())
    assert shown_state(whole) == "Cannot tell: 1 of 1 accounts compared, 0 with a known owner"
    own(operator, systems[0], user, "hanako")
    computer = f"PC01$:1106:{EMPTY_LM}:{nt_hash(OTHER)}:::\n"
    owned = take_list(actor=operator, system_id=systems[0].pk, data=f"{line}{computer}".encode())
    assert shown_state(owned) == "None found"
    owned.found = {"shared": [], "reused": []}
    assert shown_state(owned).startswith("Cannot tell"), "of a list of before, nothing is known"


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_from_a_file_to_a_refused_password(
    signed_in: Callable[..., Client], operator: Actor, systems: list[Entry], at_nine: clock.FixedClock
) -> None:
    """Found in one system and between two, refused here without naming a system, gone after its days."""
    nurse = signed_in(Role.STAFF, login="nurse")
    user: User = nurse.user  # type: ignore[attr-defined]
    own(operator, systems[0], user, "hanako")
    own(operator, systems[1], user, "lab-hanako")
    clerk = signed_in(Role.SYSTEM_OPERATOR, login="clerk")
    page = f"/people/reuse/{systems[0].pk}/"
    assert "nothing is kept" in clerk.get(page).content.decode()
    require_good_password(OTHER, about=(), user=user)  # off until somebody hands in a file
    lines = f"hanako:1104:{EMPTY_LM}:{nt_hash(OTHER)}:::\ntaro:1105:{EMPTY_LM}:{nt_hash(OTHER)}:::\n"
    file = SimpleUploadedFile("ntds.txt", lines.encode())
    assert clerk.post(page, {"file": file, "days": "30"}).status_code == 422, "nobody said that they know the danger"
    file.seek(0)
    assert clerk.post(page, {"file": file, "days": "30", "understood": "on"}).status_code == 302
    assert "taro" in clerk.get(page).content.decode()
    assert signed_in(Role.STAFF, login="other").get(page).status_code in {403, 404}
    take_list(actor=operator, system_id=systems[1].pk, data=f"lab-hanako:1:{EMPTY_LM}:{nt_hash(OTHER)}:::".encode())
    row = PasswordList.objects.get(system_id=systems[1].pk)
    assert row.found["reused"] == [["lab-hanako", "電子カルテ", "hanako"]]

    answer = nurse.post("/password/", {"old": PASSWORD, "password": OTHER, "again": OTHER})
    with pytest.raises(PasswordUsedElsewhere) as refused:
        require_good_password(OTHER, about=(), user=user)
    assert "電子カルテ" not in str(refused.value)
    assert answer.status_code in {200, 302, 422}
    require_good_password("sora no hi 2027 hoshi", about=(), user=user)
    nothing_kept(nt_hash(OTHER))

    assert clerk.post(f"{page}delete/").status_code == 302
    assert PasswordList.objects.count() == 1
    at_nine.moment += timedelta(days=31)
    require_good_password(OTHER, about=(), user=user)
    copies.run()
    assert not PasswordList.objects.exists()
    assert Event.objects.filter(action="password_list.delete").count() == 2


def nothing_kept(value: str) -> None:
    """Look for a hash in what is stored and in the register."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_passwordlist")
        assert all(
            value not in str(bytes(one) if isinstance(one, memoryview) else one) for row in cursor for one in row
        )
    assert value not in json.dumps([event.entry for event in Event.objects.all()])
