"""Time stamps over heads of the log, by an authority of these tests behind a web server on loopback."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from sekisho.estate.actions import EstateAction
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor, platform
from sekisho.register.models import HeldHead
from sekisho.register.queries import log_head
from sekisho.register.services import append, integrate, posting
from sekisho.register.services.heads import keep_heads
from sekisho.trust.notes import verifier_key
from sekisho.trust.timestamps import StampBroken, ask_for, read_roots, verify_stamp
from sekisho_verify.cli import main as verify
from tests.register.outside import answering, silent
from tests.sekisho_verify.test_tokens import authority, openssl, stamp

__all__ = ["authority"]
MESSAGE = b"log.example/one\n5\nroot\n"


def replying(place: Path) -> Callable[[bytes], tuple[int, bytes]]:
    """Answer time-stamp questions with the authority in ``place``."""

    def reply(body: bytes) -> tuple[int, bytes]:
        (place / "asked").write_bytes(body)
        openssl(place, "ts", "-reply", "-config", "conf", "-section", "tsa", "-queryfile", "asked", "-signer",
                "tsa.pem", "-inkey", "tsa.key", "-out", "answer")  # fmt: skip
        return 200, (place / "answer").read_bytes()

    return reply


def test_an_answer_is_for_this_question_and_by_this_authority(authority: Path) -> None:
    question = ask_for(MESSAGE)
    answer = replying(authority)(question.body)[1]
    roots, others = (read_roots((authority / f"{name}.pem").read_bytes()) for name in ("root", "other"))
    assert verify_stamp(answer, MESSAGE, question.nonce, roots).tzinfo
    again = ask_for(MESSAGE)
    for data, message, nonce, trusted in (
        (answer, MESSAGE, question.nonce, others),
        (answer, MESSAGE + b"x", question.nonce, roots),
        (answer, MESSAGE, again.nonce, roots),
        (stamp(authority, MESSAGE, "without").read_bytes(), MESSAGE, question.nonce, roots),
        (answer[:-20], MESSAGE, question.nonce, roots),
        (b"", MESSAGE, question.nonce, roots),
    ):
        with pytest.raises(StampBroken):
            verify_stamp(data, message, nonce, trusted)
    with pytest.raises(StampBroken):
        read_roots(b"no certificate")


@pytest.fixture
def size(operator: Actor, settings: Any, authority: Path) -> int:
    """The size of a log whose heads are to be stamped."""
    with transaction.atomic():
        for number in range(20):
            append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
    settings.TSA_ROOTS = authority / "root.pem"
    return integrate()


def keep() -> HeldHead:
    keep_heads(actor=platform("test"))
    return HeldHead.objects.get(place="stamp")


@pytest.mark.django_db(transaction=True)
def test_an_auditor_accepts_the_stamp_of_a_head(
    size: int, settings: Any, authority: Path, tmp_path: Path, log_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(replying(authority)) as settings.TSA_URL:
        assert (keep().failure, keep().size) == ("", size)
    integrate()  # the event that the first stamp was given: the log has moved on
    stamps = log_folder / "timestamps"
    held = tmp_path / "held"
    shutil.copy(stamps / f"{size}.checkpoint", held)
    head = log_head()
    assert head
    words = [str(log_folder), "--key", verifier_key(head.origin, settings.REGISTER_PUBLIC_KEY), "--head", str(held)]
    words += ["--token", str(stamps / f"{size}.tsr"), "--tsa-root", str(authority / "root.pem"), "--json"]
    capsys.readouterr()
    assert verify(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["parts"]["tokens"] == "ok"
    assert report["counts"]["token.good"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_stamp_is_asked_for_once_a_day_and_after_a_failure_once_an_hour(
    size: int, settings: Any, authority: Path, operator: Actor, at_nine: clock.FixedClock
) -> None:
    asked: list[bytes] = []

    def counted(body: bytes) -> tuple[int, bytes]:
        asked.append(body)
        return (500, b"") if len(asked) == 1 else replying(authority)(body)

    with answering(counted) as settings.TSA_URL:
        for hours, times in ((0, 1), (0.5, 1), (0.6, 2), (1, 2), (23, 3)):
            at_nine.moment += timedelta(hours=hours)
            with transaction.atomic():
                append(actor=operator, action=EstateAction.CHANGE)
            integrate()
            keep()
            assert len(asked) == times, hours


ANSWERS: dict[str, Callable[[bytes], tuple[int, bytes]]] = {
    "an error": lambda _body: (503, b"later"),
    "rubbish": lambda _body: (200, b"\x30\x03\x02\x01\x00"),
    "nothing": lambda _body: (200, b""),
    "the question": lambda body: (200, body),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_no_stamp_is_not_kept(size: int, settings: Any, log_folder: Path, answer: str) -> None:
    with answering(ANSWERS[answer]) as settings.TSA_URL:
        row = keep()
    assert (row.failure, row.held_at) == ("bad_stamp", None)
    assert not (log_folder / "timestamps").exists()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_of_the_authority_is_no_stamp(size: int, settings: Any, authority: Path, tmp_path: Path) -> None:
    """An authority that answers in good form that it will not."""
    place = tmp_path / "refusing"
    shutil.copytree(authority, place)
    conf = (place / "conf").read_text(encoding="utf8")
    (place / "conf").write_text(conf.replace("digests = sha256, sha384, sha512", "digests = sha512"), encoding="utf8")
    with answering(replying(place)) as settings.TSA_URL:
        assert keep().failure == "bad_stamp"


@pytest.mark.django_db(transaction=True)
def test_an_endless_or_silent_authority_is_given_up(size: int, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _body: (200, b"x" * (posting.LARGEST_ANSWER + 1))) as settings.TSA_URL:
        assert keep().failure == "garbled"
    HeldHead.objects.all().delete()
    monkeypatch.setattr(posting.post, "__kwdefaults__", {"ca": None, "seconds": 0.2})
    with silent() as settings.TSA_URL:
        assert keep().failure == "slow"


@pytest.mark.django_db(transaction=True)
def test_without_trusted_roots_nothing_is_asked(size: int, settings: Any, tmp_path: Path) -> None:
    with answering(lambda _body: (200, b"")) as settings.TSA_URL:
        settings.TSA_ROOTS = tmp_path / "none.pem"
        assert keep().failure == "bad_roots"
