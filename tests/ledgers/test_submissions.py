"""What is handed in: files by their bare names, all or nothing, hashed as they came, and kept for good."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import NotCanonical
from sekisho.kernel.errors import NotFound
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers.errors import AppendOnlyViolation, FilesRefused
from sekisho.ledgers.models import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.queries import get_file
from sekisho.ledgers.rules import Step, content_digest
from sekisho.ledgers.services import LARGEST_FILE, LARGEST_TOGETHER, MOST_FILES, NewFile
from sekisho.people.models import User
from sekisho.register.models import Event
from tests.ledgers.working import CONTENT, REPORT, acting, apply_for, take

pytestmark = pytest.mark.django_db
TABLES: tuple[Any, ...] = (Submission, FileData, SubmissionFile, Decision)


def rows() -> list[int]:
    """Return how many rows every table holds, the register too."""
    return [model.objects.count() for model in (Application, *TABLES, Event)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("見積書.pdf", "見積書.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\sato\\見積書.pdf", "見積書.pdf"),
        ("/var/lib/a/ 報告.txt ", "報告.txt"),
        ("..\\..\\x/y\\z.png", "z.png"),
        ("<img src=x>.html", "<img src=x>.html"),
        ("名" * 255, "名" * 255),
    ],
)
def test_a_name_is_never_a_path(given: str, kept: str, applicant: Actor) -> None:
    """Only the last part is kept, as it was written."""
    apply_for(applicant, files=[NewFile(given, b"x")])
    assert SubmissionFile.objects.get().name == kept


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (NewFile("", b"x"), FilesRefused),
        (NewFile("  ", b"x"), FilesRefused),
        (NewFile("///", b"x"), FilesRefused),
        (NewFile("名" * 256, b"x"), FilesRefused),
        (NewFile("empty.txt", b""), FilesRefused),
        (NewFile("large.bin", b"x" * (LARGEST_FILE + 1)), FilesRefused),
        (NewFile("a\x00b.txt", b"x"), InvisibleCharacters),
        (NewFile("exe.\u202etxt", b"x"), InvisibleCharacters),
    ],
    ids=["nameless", "blank", "slashes", "long name", "empty", "large", "NUL", "turned around"],
)
def test_one_file_that_is_refused_refuses_all(file: NewFile, error: type[Exception], applicant: Actor) -> None:
    """The good one beside it is not stored either, and nothing stands in the register."""
    with pytest.raises(error):
        apply_for(applicant, files=[REPORT, file])
    assert rows() == [0] * len(rows())


def test_the_limits_themselves_are_allowed(applicant: Actor) -> None:
    """As many and as large as promised, and no more; the refusal names limits and file."""
    apply_for(applicant, files=[NewFile("large.bin", b"x" * LARGEST_FILE)])
    files = [NewFile(f"{number}.txt", b"%d" % number) for number in range(MOST_FILES + 1)]
    apply_for(applicant, files=files[:-1])
    with pytest.raises(FilesRefused) as caught:
        apply_for(applicant, files=files)
    assert caught.value.field == "files"
    half = LARGEST_TOGETHER // 2
    with pytest.raises(FilesRefused):
        apply_for(applicant, files=[NewFile("1.bin", b"x" * half), NewFile("2.bin", b"x" * half), NewFile("3", b"x")])
    assert {"10", "20"} <= set(re.findall(r"\d+", str(caught.value.advice)))
    assert "0.txt" in str(caught.value.text)
    assert Application.objects.count() == 2


def test_files_that_are_kept_count_too(applicant: Actor, approver: Actor) -> None:
    """Nobody gathers a hundred files by mending."""
    application = apply_for(applicant, files=[REPORT])
    take(Step.SEND_BACK, approver, application)
    files = [NewFile(f"{number}.txt", b"x") for number in range(MOST_FILES)]
    with pytest.raises(FilesRefused):
        take(Step.AMEND, applicant, application, files=files, keep=[1])
    assert Submission.objects.count() == 1
    assert Application.objects.get().state == "sent_back"


def test_the_same_bytes_are_kept_once(applicant: Actor) -> None:
    """Under whatever names and in whatever applications."""
    apply_for(applicant, files=[REPORT, NewFile("写し.pdf", REPORT.data)])
    apply_for(applicant, files=[REPORT])
    assert (FileData.objects.count(), SubmissionFile.objects.count()) == (1, 3)
    data = FileData.objects.get()
    assert (bytes(data.data), data.sha256) == (REPORT.data, hashlib.sha256(REPORT.data).hexdigest())


def test_an_older_version_stays_with_its_files(applicant: Actor, approver: Actor) -> None:
    """Mending adds a version: one file kept, one dropped, one new; the first version is as it was."""
    plan = NewFile("計画.txt", "一".encode())
    application = apply_for(applicant, files=[REPORT, plan], comment="一度目")
    first = Submission.objects.values().get()
    take(Step.SEND_BACK, approver, application)
    newer = NewFile("計画.txt", "二".encode())
    take(Step.AMEND, applicant, application, files=[newer], keep=[1], content={"what": "1台", "why": "x"})
    assert Submission.objects.values().get(number=1) == first
    found = {
        (number, place): (file.name, bytes(file.data.data), file.size)
        for number, place in ((1, 1), (1, 2), (2, 1), (2, 2))
        for file in [get_file(applicant, application.pk, place=place, number=number)]
    }
    assert found == {
        (1, 1): (REPORT.name, REPORT.data, len(REPORT.data)),
        (1, 2): (plan.name, plan.data, 3),
        (2, 1): (REPORT.name, REPORT.data, len(REPORT.data)),
        (2, 2): (newer.name, newer.data, 3),
    }
    with pytest.raises(NotFound):
        get_file(applicant, application.pk, place=3, number=2)


def test_a_file_is_for_who_may_see_the_application(
    applicant: Actor, approver: Actor, make_person: Callable[..., User]
) -> None:
    """Its applicant, its approvers, reviewers; not a colleague who guesses the address."""
    application = apply_for(applicant, files=[REPORT])
    auditor, colleague = (acting(make_person(role.value, role)) for role in (Role.AUDITOR, Role.STAFF))
    for reader in (applicant, approver, auditor):
        assert get_file(reader, application.pk, place=1, number=1).name == REPORT.name
    with pytest.raises(NotFound):
        get_file(colleague, application.pk, place=1, number=1)


# The digest


def test_the_digest_is_of_content_and_files() -> None:
    """A known answer, worked out by hand: the RFC 8785 text, written out, and its SHA-256."""
    text = (
        '{"content":{"a":[1,true,null],"é":"日本\\n"},"files":'
        '[{"name":"見積書.pdf","sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]}'
    )
    expected = "871ab9a7e99259f751c4339d06315fc0b7c539565157e6e5829f14b0212f063f"
    files = [("見積書.pdf", hashlib.sha256(b"abc").hexdigest())]
    assert hashlib.sha256(text.encode()).hexdigest() == expected
    assert content_digest({"é": "日本\n", "a": [1, True, None]}, files) == expected


def test_a_stored_digest_can_be_worked_out_from_what_is_stored(applicant: Actor) -> None:
    """By anybody with a JSON library: sorted keys, no spaces, UTF-8."""
    apply_for(applicant, files=[REPORT, NewFile("b.txt", b"b")])
    stored = Submission.objects.get()
    files = [
        {"name": file.name, "sha256": hashlib.sha256(bytes(file.data.data)).hexdigest()}
        for file in stored.files.order_by("place")
    ]
    whole = {"content": json.loads(stored.content), "files": files}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert stored.digest == hashlib.sha256(text.encode()).hexdigest()
    assert json.loads(stored.content) == CONTENT


def test_the_order_and_the_names_of_files_are_in_the_digest() -> None:
    """Two applications that differ in anything differ in their digest."""
    one, other = ("a", "0" * 64), ("b", "1" * 64)
    digests = [content_digest({}, files) for files in ([], [one], [other], [one, other], [other, one])]
    assert len(set(digests)) == len(digests)


def test_what_has_no_canonical_form_is_refused(applicant: Actor) -> None:
    """Nothing is stored."""
    with pytest.raises(NotCanonical):
        apply_for(applicant, content={"what": float("nan"), "why": ""})
    assert rows() == [0] * len(rows())


# Append-only


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_what_was_submitted_and_decided_is_neither_changed_nor_deleted(
    model: type[Submission], applicant: Actor, approver: Actor
) -> None:
    """Not through the models, and not past them: the database refuses."""
    take(Step.APPROVE, approver, apply_for(applicant, files=[REPORT]))
    before = model.objects.values().get()
    row, column = model.objects.get(), model._meta.pk.column
    refusals: list[Callable[[], object]] = [
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.update(**{model._meta.pk.name: row.pk}),
        lambda: model.objects.bulk_update([row], [model._meta.fields[-1].name]),
    ]
    for refused in refusals:
        with pytest.raises(AppendOnlyViolation):
            refused()
    table = model._meta.db_table
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert model.objects.values().get() == before


def test_an_application_with_a_submission_is_not_deleted(applicant: Actor) -> None:
    """Its row moves on, but never goes."""
    application = apply_for(applicant)
    with pytest.raises(DatabaseError), transaction.atomic():
        application.delete()
    assert Application.objects.count() == 1
