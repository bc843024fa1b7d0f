"""Witnesses: what they cosign, what they refuse, what they remember through a kill, and what an auditor makes of it."""

import http.client
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from sekisho.config.cli import main
from sekisho.estate.actions import EstateAction
from sekisho.kernel.actor import Actor, platform
from sekisho.register.errors import WitnessInUse, WitnessKeyExists, WitnessStateBroken
from sekisho.register.log.files import Disk
from sekisho.register.log.witness import Status, Witness, read_request, write_request
from sekisho.register.log.witness_policy import PolicyBroken, read_witnesses
from sekisho.register.log.witness_server import open_witness
from sekisho.register.log.writer import create_log
from sekisho.register.models import Event, HeldHead
from sekisho.register.queries import log_head, log_tree
from sekisho.register.queries.heads import current_note
from sekisho.register.services import Sequencer, append, integrate, posting
from sekisho.register.services.heads import keep_heads
from sekisho.trust.cosignatures import (
    LOG_KEY,
    WITNESS_KEY,
    KeyBroken,
    NamedKey,
    cosign,
    read_cosignature,
    read_key,
    read_seed,
    witness_key,
    write_seed,
)
from sekisho.trust.dsse import public_key
from sekisho.trust.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, root_over
from sekisho.trust.notes import Checkpoint, NoteUnsigned, sign_note, verifier_key
from sekisho_verify.cli import main as verify
from sekisho_verify.notes import parse_checkpoint, parse_key
from tests.register.outside import answering, process, silent

SEED, OTHER = bytes(range(32)), bytes(range(1, 33))
ORIGIN, NAME = "log.example/one", "clinic-b.example/witness"
START = "import sys; from sekisho.config.cli import main; sys.exit(main())"
LEAVES = [leaf_hash(bytes([number])) for number in range(200)]


def head_of(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_over(leaves[:size]) if size else EMPTY_ROOT)


def node(height: int, index: int) -> bytes:
    return root_over(LEAVES[index << height : (index + 1) << height])


def request(old: int, size: int, seed: bytes = SEED) -> bytes:
    return write_request(old, consistency_proof(old, size, node), sign_note(head_of(size).text(), ORIGIN, seed))


def witness(folder: Path) -> Witness:
    folder.mkdir(exist_ok=True)
    return Witness(Disk(folder), NAME, OTHER, [NamedKey(ORIGIN, LOG_KEY, public_key(SEED))], lambda: 1_700_000_000)


# The rules of a witness


def test_what_it_cosigns_is_what_the_independent_verifier_accepts(tmp_path: Path) -> None:
    reply = witness(tmp_path).answer(request(0, 5))
    assert reply.status is Status.COSIGNED
    note = sign_note(head_of(5).text(), ORIGIN, SEED) + reply.body
    assert parse_checkpoint(note).note.signed_by(parse_key(witness_key(NAME, OTHER).line())) is True


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_it_goes_on_only_from_what_it_knows(
    tmp_path_factory: pytest.TempPathFactory, first: int, claimed: int, second: int
) -> None:
    one = witness(tmp_path_factory.mktemp("state"))
    assert one.answer(request(0, first)).status is Status.COSIGNED
    if claimed > second:
        assert one.answer(write_request(claimed, [], request(0, second).partition(b"\n\n")[2])).status is (
            Status.MALFORMED
        )
        return
    reply = one.answer(request(claimed, second))
    if claimed == first:
        assert reply.status is Status.COSIGNED
    else:
        assert (reply.status, reply.body) == (Status.CONFLICT, f"{first}\n".encode())


def test_it_refuses_a_log_that_was_written_anew(tmp_path: Path) -> None:
    one = witness(tmp_path)
    assert one.answer(request(0, 50)).status is Status.COSIGNED
    forged = list(LEAVES)
    forged[7] = leaf_hash(b"forged")

    def forged_node(height: int, index: int) -> bytes:
        return root_over(forged[index << height : (index + 1) << height])

    longer = write_request(
        50, consistency_proof(50, 60, forged_node), sign_note(head_of(60, forged).text(), ORIGIN, SEED)
    )
    same = write_request(50, [], sign_note(head_of(50, forged).text(), ORIGIN, SEED))
    assert one.answer(longer).status is Status.INCONSISTENT
    assert one.answer(same).status is Status.CONFLICT
    assert one.answer(request(50, 60)).status is Status.COSIGNED


def test_it_speaks_only_for_the_logs_it_was_given(tmp_path: Path) -> None:
    one = witness(tmp_path)
    foreign = write_request(0, [], sign_note("other\n1\n" + head_of(1).text().split("\n")[2] + "\n", "other", SEED))
    assert one.answer(foreign).status is Status.UNKNOWN_LOG
    assert one.answer(request(0, 3, OTHER)).status is Status.UNTRUSTED


@given(st.binary(max_size=300))
def test_rubbish_is_refused(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    assert witness(tmp_path_factory.mktemp("state")).answer(body).status is Status.MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"old 0", b"old 00"),
        lambda body: body.replace(b"old 0", b"new 0"),
        lambda body: body.replace(b"\n\n", b"\nAAAA\n\n", 1),
        lambda body: body.replace(b"\n\n", b"\n" + b"\n".join([b"A" * 43 + b"="] * 64) + b"\n\n", 1),
        lambda body: body + b"x" * 70_000,
    ],
)
def test_a_request_has_one_form(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    assert witness(tmp_path).answer(change(request(0, 3))).status is Status.MALFORMED


def test_a_request_is_read_as_it_was_written() -> None:
    asked = read_request(request(3, 10))
    assert (asked.old, asked.head, list(asked.proof)) == (3, head_of(10), consistency_proof(3, 10, node))


def test_a_damaged_memory_is_not_begun_anew(tmp_path: Path) -> None:
    one = witness(tmp_path)
    one.answer(request(0, 5))
    (memory,) = tmp_path.iterdir()
    memory.write_bytes(memory.read_bytes().replace(b"\n5\n", b"\n4\n"))
    with pytest.raises(WitnessStateBroken):
        one.answer(request(5, 6))


def test_one_folder_has_one_witness(tmp_path: Path) -> None:
    open_witness(tmp_path, NAME, OTHER, [])
    with pytest.raises(WitnessInUse):
        open_witness(tmp_path, NAME, OTHER, [])


# Keys and cosignatures


def test_keys_have_one_line_each(tmp_path: Path) -> None:
    assert read_seed(write_seed(NAME, OTHER)) == (NAME, OTHER)
    assert read_key(witness_key(NAME, OTHER).line(), WITNESS_KEY).public == public_key(OTHER)
    log_line = verifier_key(ORIGIN, public_key(SEED))
    assert read_key(log_line, LOG_KEY) == NamedKey(ORIGIN, LOG_KEY, public_key(SEED))
    for line in (log_line, write_seed(NAME, OTHER), "", witness_key(NAME, OTHER).line().replace("b.ex", "c.ex")):
        with pytest.raises(KeyBroken):
            read_key(line, WITNESS_KEY)


def test_a_cosignature_is_over_this_text_and_time() -> None:
    text, key = head_of(3).text(), witness_key(NAME, OTHER)
    line = cosign(text, NAME, OTHER, 1_700_000_000).encode() + b"\n"
    assert read_cosignature(text, line, key).moment == 1_700_000_000
    with pytest.raises(NoteUnsigned):
        read_cosignature(head_of(4).text(), line, key)
    with pytest.raises(NoteUnsigned):
        read_cosignature(text, line, witness_key(NAME, SEED))


def test_a_policy_names_who_is_asked() -> None:
    key = witness_key(NAME, OTHER).line()
    text = f"# ours\nlog {verifier_key(ORIGIN, public_key(SEED))}\nwitness w1 {key} https://b.example/w/\nquorum w1\n"
    (one,) = read_witnesses(text)
    assert (one.name, one.url) == ("w1", "https://b.example/w")
    assert read_witnesses(f"witness w1 {key}\n") == []
    for wrong in (f"witness w1 {key} ftp://x", "witness w1", f"witness w1 {key[:-4]} https://x", text + text):
        with pytest.raises(PolicyBroken):
            read_witnesses(wrong)


def test_the_command_makes_a_key_and_overwrites_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["witness", "init", "--key", str(tmp_path / "key"), "--name", NAME]
    assert main(words) == 0
    name, seed = read_seed((tmp_path / "key").read_text().strip())
    assert capsys.readouterr().out.strip() == witness_key(name, seed).line()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert main(words) == WitnessKeyExists.exit_code


# With a log and a real process


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "witness.key"
    path.write_text(write_seed(NAME, OTHER) + "\n", encoding="ascii")
    return path


@pytest.fixture
def grow(operator: Actor) -> Callable[[int], int]:
    """Put more events into the log; return its size."""

    def more(count: int) -> int:
        with transaction.atomic():
            for number in range(count):
                append(actor=operator, action=EstateAction.CHANGE, details={"n": number})
        while integrate():
            pass
        head = log_head()
        assert head
        return head.size

    return more


def log_key() -> str:
    head = log_head()
    assert head
    return verifier_key(head.origin, settings.REGISTER_PUBLIC_KEY)


def use(settings: Any, tmp_path: Path, address: str) -> Path:
    """Name this witness in the policy of the installation."""
    policy = tmp_path / "policy"
    key = witness_key(NAME, OTHER).line()
    policy.write_text(f"log {log_key()}\nwitness w1 {key} {address}\nquorum w1\n", encoding="ascii")
    settings.WITNESS_POLICY = policy
    return policy


def keep() -> HeldHead:
    keep_heads(actor=platform("test"))
    return HeldHead.objects.get(place="witness:w1")


@pytest.mark.django_db(transaction=True)
def test_an_auditor_accepts_what_a_real_witness_cosigned(
    grow: Callable[[int], int], key_file: Path, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grow(300)
    words = ("-c", START, "witness", "serve", "--key", key_file, "--state", tmp_path / "state", "--port", "0")
    with process(*words, "--log", log_key()) as (_running, address):
        policy = use(settings, tmp_path, address)
        assert keep().size == 300
        grow(40)
        size = grow(0)
        assert keep().size == size
        integrate()  # the log rests, so the cosignature is published
    found = current_note()
    assert found
    held = tmp_path / "held"
    held.write_bytes(found[0])
    folder = settings.REGISTER_FOLDER
    assert found[0].startswith(sign_note(found[1].text(), found[1].origin, settings.REGISTER_KEY_FILE.read_bytes()))
    capsys.readouterr()
    assert verify([str(folder), "--policy", str(policy), "--head", str(held), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parts"]["witnesses"] == "ok"
    grow(1)  # the next head is there at once, nobody waited for a witness
    assert verify([str(folder), "--policy", str(policy), "--head", str(held), "--json"]) == 2


@pytest.mark.django_db(transaction=True)
def test_a_witness_killed_before_it_answers_has_remembered(
    grow: Callable[[int], int], key_file: Path, settings: Any, tmp_path: Path
) -> None:
    size = grow(10)
    script = Path(__file__).with_name("kill_witness.py")
    state = tmp_path / "state"
    with process(script, "never", key_file, state, log_key()) as (_running, address):
        use(settings, tmp_path, address)
        assert keep().size == size
    memory = Witness(Disk(state), NAME, OTHER, [], lambda: 0)
    key = read_key(log_key(), LOG_KEY)
    for step in ("draft", "persisted"):
        newer = grow(10)
        (state / "armed").touch()
        with process(script, step, key_file, state, log_key()) as (running, address):
            use(settings, tmp_path, address)
            row = keep()
            assert running.wait(20) == -signal.SIGKILL
        assert (row.failure, row.size) == ("garbled", size)  # nothing was answered, so nothing counts
        assert memory.last(key).size == (newer if step == "persisted" else size)
        (state / "armed").unlink()
        with process(script, "never", key_file, state, log_key()) as (_running, address):
            use(settings, tmp_path, address)
            row = keep()
        assert (row.failure, row.size) == ("", newer)
        assert memory.last(key).size == newer
        size = newer


@pytest.mark.django_db(transaction=True)
def test_a_log_that_went_back_or_was_written_anew_is_told_by_its_witness(
    grow: Callable[[int], int], key_file: Path, settings: Any, tmp_path: Path
) -> None:
    grow(20)
    folder = settings.REGISTER_FOLDER
    shutil.copytree(folder, tmp_path / "older")
    with process(Path(__file__).with_name("kill_witness.py"), "never", key_file, tmp_path / "state", log_key()) as (
        _running,
        address,
    ):
        use(settings, tmp_path, address)
        keep()
        grow(20)
        assert keep().failure == ""
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "older", folder)
        assert keep().failure == "ahead"
        forge(folder, 60)
        assert keep().failure == "differs"
    events = Event.objects.filter(action="register.head_place", subject_id="witness:w1")
    assert list(events.order_by("source_seq").values_list("outcome", flat=True)) == ["success", "failure", "failure"]


def forge(folder: Path, count: int) -> None:
    """Write the log anew with the installation's own key and under its own name."""
    head = log_head()
    assert head
    shutil.rmtree(folder / "tile")
    (folder / "checkpoint").unlink()
    log = create_log(Disk(folder), settings.REGISTER_KEY_FILE.read_bytes(), head.origin)
    log.append([f"forged {number}".encode() for number in range(count)])


WRONG = {
    "refused": lambda _body: (500, b""),
    "unknown_log": lambda _body: (404, b""),
    "garbled": lambda _body: (409, b"many\n"),
    "false_signature": lambda _body: (200, b"thanks\n"),
    "ahead": lambda _body: (409, b"999999\n"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("problem", WRONG)
def test_what_a_witness_answers_wrongly_is_noted_and_holds_nothing_up(
    grow: Callable[[int], int], settings: Any, tmp_path: Path, problem: str
) -> None:
    size = grow(5)
    with answering(WRONG[problem]) as address:
        use(settings, tmp_path, address)
        row = keep()
    assert (row.failure, row.held_at, row.size) == (problem, None, 0)
    assert grow(5) > size


@pytest.mark.django_db(transaction=True)
def test_a_witness_that_says_nothing_is_given_up(
    grow: Callable[[int], int], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(5)
    monkeypatch.setattr(posting.post, "__kwdefaults__", {"ca": None, "seconds": 0.2})
    with silent() as address:
        use(settings, tmp_path, address)
        assert keep().failure == "slow"
    assert keep().failure == "unreachable"
    settings.WITNESS_POLICY.write_text("witness w1\n", encoding="ascii")
    keep_heads(actor=platform("test"))
    assert HeldHead.objects.get(place="policy").failure == "bad_policy"


def test_the_server_bounds_what_it_reads(key_file: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("kill_witness.py")
    key = verifier_key(ORIGIN, public_key(SEED))
    with process(script, "never", key_file, tmp_path / "state", key) as (_running, address):
        for path, headers, status in (
            ("/add-checkpoint", {"Content-Length": "99999999"}, 413),
            ("/add-checkpoint", {"Content-Length": "-1"}, 413),
            ("/", {"Content-Length": "0"}, 404),
        ):
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
            connection.request("POST", path, headers=headers)
            assert connection.getresponse().status == status
            connection.close()
        assert posting.post(f"{address}/add-checkpoint", request(0, 9), "text/plain").status == 200


@pytest.mark.django_db(transaction=True)
def test_the_sequencer_keeps_what_was_published(grow: Callable[[int], int], settings: Any) -> None:
    grow(3)
    head = log_head()
    assert head
    line = cosign(head.text(), NAME, OTHER, 1)
    HeldHead.objects.create(place="witness:w1", size=head.size, root=head.root.hex(), cosignature=line)
    with Sequencer() as sequencer:
        sequencer.turn()
        sequencer.turn()
    HeldHead.objects.all().delete()
    integrate()
    found = current_note()
    assert found
    assert found[0].decode().endswith(f"{line}\n")
    assert log_tree(head.size).edge()
