"""Plain-text passwords: found in the files of a system, never kept, settled by two people; what is unknown is said."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.people.controls import plaintext_secrets as control
from sekisho.people.errors.plaintext_secrets import PlaceUnusable
from sekisho.people.jobs import secrets as job
from sekisho.people.models import SecretPlace, SecretSettlement
from sekisho.people.queries import secret_files
from sekisho.people.queries.plaintext_secrets import findings_of
from sekisho.people.queries.secret_files import look_through, secret_rules
from sekisho.people.rules.plaintext_secrets import Sighting, _Lines, decoded, find_secrets
from sekisho.people.services import plaintext_secrets
from sekisho.people.services.plaintext_secrets import LookData, add_place, look_at_places, take_over_look
from sekisho.people.services.secret_settlements import confirm_settlement, settle_finding
from sekisho.register.models import Event
from tests.people.relying import person_acting
from tests.people.secret_corpus import HARMLESS, corpus

pytestmark = pytest.mark.usefixtures("english")  # what people read is compared in the language of the ids

SECRET = "Zettai-Himitsu7"
KEY = bytes(32)
re_parser: Any = re._parser  # type: ignore[attr-defined]  # how a pattern is built is told nowhere else
CONFIG = f"[db]\nuser=karte\npassword={SECRET}\nother_password=${{DB_PASSWORD}}\n"


@pytest.fixture
def system(operator: Actor) -> Entry:
    """A system whose files we see."""
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    return add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a configuration file."""
    found = tmp_path / "conf"
    found.mkdir()
    (found / "karte.ini").write_text(CONFIG)
    return found


@pytest.fixture(autouse=True)
def not_of_the_operating_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of these tests may lie in memory, below /dev, which is refused otherwise."""
    never = tuple(one for one in plaintext_secrets._NEVER if not tmp_path.is_relative_to(one))
    monkeypatch.setattr(plaintext_secrets, "_NEVER", never)


def finding(system: Entry) -> Finding:
    return next(found for found in control.check() if found.subject.id == str(system.pk))


def look(at_nine: clock.FixedClock) -> Callable[[], None]:
    def go() -> None:
        at_nine.moment += timedelta(days=1)
        look_at_places(actor=platform("job"))

    return go


# The rules


def test_the_labelled_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line with a password is found and no other; a rule that becomes worse shows here."""
    right = wrong = missed = 0
    told = []
    for file in corpus(seed=2026, rounds=3):
        name, text = file.name.partition("/")[2], decoded(file.data)
        assert text is not None, file.name
        found = {hit.line for hit in find_secrets(name, text, secret_rules())}
        right, wrong = right + len(found & file.lines), wrong + len(found - file.lines)
        missed += len(file.lines - found)
        told += [(file.name, line, text.split("\n")[line - 1]) for line in found ^ file.lines]
    with capsys.disabled():
        said = f"precision {right / (right + wrong):.3f}, recall {right / (right + missed):.3f}"
        sys.stdout.write(f"\nplain-text secrets, {right + missed} lines: {said}\n")
    assert right > 200
    assert not told


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.sampled_from(HARMLESS), st.sampled_from(['password = "{}"', "DB_PASSWORD={}", "<Password>{}</Password>"]))
def test_references_and_hashes_are_no_secrets(value: str, pattern: str) -> None:
    name = "web.config" if "<" in pattern else "x.ini"
    assert not find_secrets(name, pattern.format(value), secret_rules())


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.binary(max_size=300), st.sampled_from(["x.ini", "x.py", "x.txt", ".pgpass", "x.xml"]))
def test_no_bytes_break_it(data: bytes, name: str) -> None:
    """Whatever a file holds, it is text or it is not."""
    text = decoded(b"password=" + data)
    for hit in find_secrets(name, text, secret_rules()) if text is not None else ():
        assert 1 <= hit.line <= text.count("\n") + 1
        assert "secret=" not in repr(hit)


# Looking through a directory


def test_what_is_left_out_is_counted_or_named(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Binary, huge, links, pipes, what may not be read; and no link leads out."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.ini").write_text(CONFIG)
    (folder / "link.ini").symlink_to(outside / "x.ini")
    (folder / "linked").symlink_to(outside)
    (folder / "logo.png").write_bytes(b"\x89PNG\0\0" + SECRET.encode())
    (folder / "dump.sql").write_bytes(b"x" * (secret_files.LARGEST_FILE + 1))
    os.mkfifo(folder / "pipe")
    (folder / "メモ.txt").write_bytes(f"サーバ室\r\nパスワード：{SECRET}\r\n".encode("cp932"))
    sub = folder / "sub"
    sub.mkdir()
    (sub / "closed.ini").write_text(CONFIG)
    real = secret_files._read

    def read(name: str, handle: int, seen: Any) -> BinaryIO | None:
        if name == "closed.ini":  # root may read everything
            raise PermissionError(13, "Permission denied", name)
        return real(name, handle, seen)

    monkeypatch.setattr(secret_files, "_read", read)
    seen = look_through(folder, key=KEY)
    assert {(one.file, one.line) for one in seen.sightings} == {("karte.ini", 3), ("メモ.txt", 2)}
    counts = seen.document()
    assert [counts[name] for name in ("files", "binary", "huge", "links", "special")] == [2, 1, 1, 2, 1]
    assert (counts["outside"], counts["unreadable"]) == (2, 1)
    assert counts["unseen_names"] == ["dump.sql", "link.ini", "linked", "sub/closed.ini"]
    assert not seen.is_whole
    assert SECRET not in repr(seen)
    again = look_through(folder, key=KEY)
    assert [one.fingerprint for one in again.sightings] == [one.fingerprint for one in seen.sightings]
    assert {one.fingerprint for one in look_through(folder, key=b"1" * 32).sightings}.isdisjoint(
        one.fingerprint for one in seen.sightings
    )


@pytest.mark.parametrize("bound", ["MOST_FILES", "MOST_BYTES", "MOST_SIGHTINGS"])
def test_every_bound_ends_the_look_and_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    (folder / "zweite.ini").write_text(CONFIG)
    monkeypatch.setattr(secret_files, bound, 1)
    seen = look_through(folder, key=KEY)
    assert (seen.is_whole, len(seen.sightings)) == (False, 1)
    assert look_through(folder, key=KEY, most_seconds=0.0).bound == "time"


@pytest.mark.django_db
def test_what_may_not_be_looked_through(operator: Actor, system: Entry, folder: Path, settings: Any) -> None:
    """Nothing of Sekisho's own, nothing of the operating system, no file, nothing that is not there."""
    own = Path(settings.REGISTER_INDEX).parent
    for path in (str(own), "/", "/proc/self", "conf", str(folder / "karte.ini"), str(folder / "none"), "/x" * 200):
        with pytest.raises(PlaceUnusable):
            add_place(actor=operator, system_id=system.pk, path=path)
    assert not SecretPlace.objects.exists()


def test_nothing_hides_a_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not zero bytes, not padding before or behind it, not a wrong mark; what does, makes the look not whole."""
    monkeypatch.setattr(secret_files, "PIECE", 2**16)
    data = f"password={SECRET}\n".encode()
    padding = b"# padding\n" * (secret_files.PIECE // 8)
    japanese = ("あ" * 30 + "\n").encode() * (secret_files.PIECE // 80)
    files = {
        "nul.ini": data + b"\0\n",
        "nuls.conf": b"\0" * 4000 + data,
        "neutral": b"a=1\n" * 50 + data + b"\0",
        "mark.ini": b"\xff\xfe" + b"\n" + data,
        "wide.ini": b"\0" + "\n".join(["[db]", f"password={SECRET}", ""]).encode("utf-16-le"),
        "before.ini": padding + data,
        "behind.ini": data + padding,
        "letters.ini": japanese + f"パスワード：{SECRET}\n".encode(),
        "utf16.ini": "\n".join(["# padding"] * (secret_files.PIECE // 16) + [f"password={SECRET}"]).encode("utf-16"),
        "oneline.ini": b" " * (secret_files.PIECE - 9) + data,
    }
    (folder / "karte.ini").unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    seen = look_through(folder, key=KEY)
    assert {one.file for one in seen.sightings} == set(files)
    assert len(seen.sightings) == len(files), "what stands where two pieces overlap counts once"
    assert seen.is_whole
    assert next(one.line for one in seen.sightings if one.file == "before.ini") == len(padding) // 10 + 1
    (folder / "inner.ini").symlink_to(folder / "nul.ini")
    (folder / "nowhere.ini").symlink_to(folder / "none")
    assert look_through(folder, key=KEY).is_whole, "what is looked at under its own name is not left out"
    monkeypatch.setattr(secret_files, "MOST_IN_FILE", 1)
    crowded = look_through(folder, key=KEY)
    assert (crowded.is_whole, crowded.counts["crowded"]) == (False, len(files))


def test_the_way_to_a_place_holds_no_link_and_nothing_of_our_own(folder: Path, tmp_path: Path) -> None:
    """A part of the path that became a link is not gone through; our own home is not read by whatever way."""
    (tmp_path / "way").symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        look_through(tmp_path / "way" / "conf", key=KEY)
    for never in (folder, tmp_path):
        with pytest.raises(PermissionError):
            look_through(folder, key=KEY, never=[never])
    seen = look_through(tmp_path, key=KEY, never=[folder])
    assert (seen.sightings, seen.is_whole, seen.unseen) == ([], False, ["conf"])


def test_every_repetition_of_the_rules_is_bounded() -> None:
    """So that no text, whatever its length, makes a rule slower than the text is long."""
    for rule in secret_rules().rules:
        assert not list(endless(re_parser.parse(rule.pattern.pattern, rule.pattern.flags))), rule.id


def endless(part: Any) -> Iterator[Any]:
    """Yield every repetition without an end in a parsed pattern."""
    if isinstance(part, (re_parser.SubPattern, list, tuple)):
        for one in part:
            if (
                isinstance(one, tuple)
                and len(one) == 2
                and "REPEAT" in str(one[0])
                and one[1][1] == re_parser.MAXREPEAT
            ):
                yield one
            yield from endless(one)


def test_the_time_is_asked_within_a_file_and_a_line_is_looked_at_once(folder: Path) -> None:
    """A file of one piece ends with the time too; many matches in one line do not look through it again and again."""
    asked: list[int] = []
    assert not find_secrets("x.ini", CONFIG, secret_rules(), lambda: not asked.append(1))  # type: ignore[func-returns-value]
    assert asked
    lines = _Lines("password=abcdefg;" * 4000)
    searched: list[str] = []

    class Near:
        def search(self, text: str) -> None:
            searched.append(text)

    near: Any = Near()
    for position in range(0, 4000 * 17, 17):
        assert not lines.has_near(near, position)
    assert sum(map(len, searched)) < 4 * 4000 * 17


# The control


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
@pytest.mark.failing_fixture("people.plaintext_secrets")
def test_from_nothing_seen_to_nothing_found(
    signed_in: Callable[..., Client], operator: Actor, system: Entry, folder: Path, at_nine: clock.FixedClock
) -> None:
    """The whole way by its pages: registered, found, settled by one, by two, run out, mended; and what is unknown."""
    clerk = signed_in(Role.SYSTEM_OPERATOR, login="clerk")
    assert finding(system).outcome is Outcome.UNKNOWN, "nothing was looked through"
    page = f"/people/secrets/{system.pk}/"
    assert clerk.post(f"{page}places/", {"path": "/proc"}).status_code == 422
    assert clerk.post(f"{page}places/", {"path": str(folder)}).status_code == 302
    assert clerk.post(f"{page}places/", {"path": str(folder)}).status_code == 422, "once is enough"
    assert job.wanted is not None
    assert job.wanted()
    assert finding(system).outcome is Outcome.UNKNOWN, "not yet"
    job.run()
    assert not job.wanted()
    found = finding(system)
    assert (found.outcome, found.facts["open"], found.facts["where"]) == (Outcome.FAIL, 1, ["karte.ini:3"])
    shown = clerk.get(page).content.decode()
    assert "karte.ini" in shown
    assert "電子カルテ" in clerk.get("/people/secrets/").content.decode()

    mark = findings_of(system.pk)[0].sighting.fingerprint
    address = f"{page}found/{mark}/"
    assert SECRET not in clerk.get(address).content.decode()
    assert clerk.post(address, {"reason": " "}).status_code == 422
    assert clerk.post(address, {"reason": "試験用の値で、どこにも使っていない"}).status_code == 302
    assert finding(system).outcome is Outcome.PASS
    row = SecretSettlement.objects.get()
    confirm = f"{page}settled/{row.pk}/confirm/"
    assert "somebody else has to confirm" in clerk.post(confirm, follow=True).content.decode()
    at_nine.moment += timedelta(days=30, minutes=1)
    job.run()
    assert finding(system).outcome is Outcome.FAIL, "one person alone: a month"
    clerk = signed_in(Role.SYSTEM_OPERATOR, login="clerk2")
    second = signed_in(Role.PLANNING_MANAGER, login="second")
    clerk.post(address, {"reason": "試験用の値で、どこにも使っていない"})
    row = SecretSettlement.objects.get(ended_at=None)
    confirm = f"{page}settled/{row.pk}/confirm/"
    assert second.post(confirm, follow=True).status_code == 200
    row.refresh_from_db()
    assert row.until - at_nine.moment == timedelta(days=365)
    assert finding(system).outcome is Outcome.PASS
    second.post(f"{page}settled/{row.pk}/reopen/")
    assert finding(system).outcome is Outcome.FAIL

    (folder / "karte.ini").write_text("password=${DB_PASSWORD}\n")
    look(at_nine)()
    assert finding(system).outcome is Outcome.PASS
    (folder / "karte.ini").unlink()
    look(at_nine)()
    assert finding(system).outcome is Outcome.UNKNOWN, "an empty directory: perhaps the share is not there"
    folder.rmdir()
    look(at_nine)()
    assert SecretPlace.objects.get().trouble
    assert finding(system).outcome is Outcome.UNKNOWN
    place = SecretPlace.objects.get()
    auditor = signed_in(Role.AUDITOR, login="auditor")
    assert auditor.get(page).status_code == 200
    assert auditor.post(address, {"reason": "x"}).status_code in {403, 404}
    clerk = signed_in(Role.SYSTEM_OPERATOR, login="clerk3")
    assert clerk.post(f"/people/secrets/places/{place.pk}/look/").status_code == 302
    assert clerk.get(f"/people/secrets/places/{place.pk}/end/").status_code == 200
    assert clerk.post(f"/people/secrets/places/{place.pk}/end/", {"reason": "撤去した"}).status_code == 302
    assert not finding(system).facts
    nowhere_kept(SECRET)


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("how", ["huge", "link", "folder", "way"])
@pytest.mark.failing_fixture("people.plaintext_secrets")
def test_what_was_not_looked_at_is_unknown(
    operator: Actor, system: Entry, folder: Path, at_nine: clock.FixedClock, tmp_path: Path, how: str
) -> None:
    """A file too large, a link to a file or a folder elsewhere, a part of the way that became a link: never clean."""
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.mkdir()
    (folder / "a.ini").write_text("a=1\n")
    add_place(actor=operator, system_id=system.pk, path=str(folder))
    look(at_nine)()
    assert finding(system).outcome is Outcome.PASS
    if how == "huge":
        with (folder / "karte.ini").open("wb") as file:
            file.write(CONFIG.encode() + b"#" * 20_000)
            file.truncate(secret_files.LARGEST_FILE + 1)
    elif how == "way":
        folder.rename(tmp_path / "before")
        folder.symlink_to(elsewhere)
    else:
        (folder / "karte.ini").symlink_to(elsewhere / "karte.ini" if how == "link" else elsewhere)
    look(at_nine)()
    assert finding(system).outcome is Outcome.UNKNOWN
    assert not findings_of(system.pk)


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
@pytest.mark.failing_fixture("people.plaintext_secrets")
def test_one_person_alone_keeps_nothing_green(
    signed_in: Callable[..., Client], operator: Actor, system: Entry, folder: Path, at_nine: clock.FixedClock
) -> None:
    """Not by saying it again, not by ending the place; a second person does either by the pages."""
    place = add_place(actor=operator, system_id=system.pk, path=str(folder))
    (folder.parent / "clean").mkdir()
    (folder.parent / "clean" / "a.ini").write_text("a=1\n")
    add_place(actor=operator, system_id=system.pk, path=str(folder.parent / "clean"))
    look(at_nine)()
    mark, page = findings_of(system.pk)[0].sighting.fingerprint, f"/people/secrets/{system.pk}/"
    settle_finding(actor=operator, system_id=system.pk, fingerprint=mark, reason="試験用の値")
    assert finding(system).outcome is Outcome.PASS
    at_nine.moment += timedelta(days=31)
    look(at_nine)()
    clerk = signed_in(Role.SYSTEM_OPERATOR, login="clerk")
    answer = clerk.post(f"{page}found/{mark}/", {"reason": "試験用の値"}, follow=True).content.decode()
    assert "once a second person confirms it" in answer
    assert finding(system).outcome is Outcome.FAIL, "said again, it counts with a second person only"
    second = signed_in(Role.PLANNING_MANAGER, login="second")
    row = SecretSettlement.objects.get(ended_at=None)
    assert "Confirm with my name" in second.get(f"{page}found/{mark}/").content.decode()
    second.post(f"{page}settled/{row.pk}/confirm/")
    assert finding(system).outcome is Outcome.PASS
    second.post(f"{page}settled/{row.pk}/reopen/")

    end, gone = (f"/people/secrets/places/{place.pk}/{name}/" for name in ("end", "gone"))
    assert "does not count any more" in second.post(gone, follow=True).content.decode(), "nobody asked for it"
    assert "when a second person confirms" in clerk.post(end, {"reason": "撤去した"}, follow=True).content.decode()
    assert clerk.post(end, {"reason": "撤去した"}).status_code == 302
    assert "somebody else has to confirm" in clerk.post(gone, follow=True).content.decode()
    look(at_nine)()
    assert finding(system).outcome is Outcome.FAIL, "until then it is looked through and counts"
    second = signed_in(Role.PLANNING_MANAGER, login="third")
    assert "this place is gone" in second.get(page).content.decode()
    assert second.post(gone).status_code == 302
    assert finding(system).outcome is Outcome.PASS
    assert list(SecretPlace.objects.filter(ended_at=None).values_list("path", flat=True)) == [
        str(folder.parent / "clean")
    ]


@pytest.mark.django_db
def test_a_finding_without_its_value_is_settled_for_a_month(
    operator: Actor, system: Entry, at_nine: clock.FixedClock, make_person: Callable[..., Any]
) -> None:
    """Even by two: where a report hides the values, another one may come to the same place."""
    sighting = Sighting("a.ini", 3, "k", "other", "0" * 32, by_value=False)
    data = LookData(clock.now(), [sighting], is_whole=True)
    take_over_look(actor=operator, system_id=system.pk, tool="gitleaks", scope="srv", data=data)
    row = settle_finding(actor=operator, system_id=system.pk, fingerprint="0" * 32, reason="試験用の値")
    first = make_person("first", Role.SYSTEM_OPERATOR)
    second = make_person("second", Role.SYSTEM_OPERATOR)
    SecretSettlement.objects.filter(pk=row.pk).update(settled_by=str(first.pk))
    confirmed = confirm_settlement(actor=person_acting(second), settlement_id=row.pk)
    assert confirmed.until - at_nine.moment == timedelta(days=30)


def nowhere_kept(secret: str) -> None:
    """Look into every table that was written, unpacked too, and into the register."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("people_", "register_", "governance_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                assert all(secret not in str(value) for row in cursor.fetchall() for value in row), table
    for event in Event.objects.all():
        assert secret not in json.dumps(event.entry, ensure_ascii=False)
    for found in findings_of(SecretPlace.objects.first().system_id):  # type: ignore[union-attr]
        assert secret not in repr(found)
