"""Signed notes: the known answers of Go's note package, one form only, no signature but that of the key asked for."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.trust.dsse import public_key
from sekisho.trust.notes import (
    Checkpoint,
    NoteBroken,
    NoteUnsigned,
    key_id,
    read_checkpoint,
    read_note,
    sign_note,
    verifier_key,
    verify_note,
)

# The key and the note of the tests of golang.org/x/mod/sumdb/note.
NAME = "PeterNeumann"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
SIGNED = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n".encode()
PUBLIC = public_key(SEED)


def test_the_known_note_is_written_and_read() -> None:
    assert verifier_key(NAME, PUBLIC) == VERIFIER
    assert sign_note(TEXT, NAME, SEED) == SIGNED
    assert verify_note(SIGNED, NAME, PUBLIC) == TEXT
    assert key_id(NAME, PUBLIC).hex() == "c74f20a3"


def test_signatures_of_others_are_ignored_and_a_false_one_is_not() -> None:
    other = bytes(32)
    second = sign_note(TEXT, "witness.example/w1", other).rpartition(b"\n\n")[2]
    assert verify_note(SIGNED + second, NAME, PUBLIC) == TEXT
    assert verify_note(SIGNED + second, "witness.example/w1", public_key(other)) == TEXT
    with pytest.raises(NoteUnsigned):
        verify_note(SIGNED, "witness.example/w1", public_key(other))
    with pytest.raises(NoteUnsigned):
        verify_note(SIGNED, NAME, public_key(other))
    line = base64.b64encode(key_id(NAME, PUBLIC) + bytes(64)).decode()
    with pytest.raises(NoteUnsigned):
        verify_note(SIGNED + f"— {NAME} {line}\n".encode(), NAME, PUBLIC)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, flip: int) -> None:
    changed = SIGNED[:place] + bytes([SIGNED[place] ^ flip]) + SIGNED[place + 1 :]
    with pytest.raises((NoteBroken, NoteUnsigned)):
        verify_note(changed, NAME, PUBLIC)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"text\n", b"text\n\n", SIGNED[:-1], SIGNED.replace(b"\n\n", b"\n"), SIGNED.replace(b"\n", b"\r\n"),
        SIGNED + b"\n", SIGNED + b"more\n", SIGNED.replace("— ".encode(), b"- "), SIGNED + b"\xff\n", b"a\tb" + SIGNED,
        SIGNED.replace(b"x08go/", b"x08go_"), SIGNED.replace(b"wJnAM=", b"wJnAN="), SIGNED.replace(b"wJnAM=", b"wJnAM"),
        "t\n\n— a+b AAAAAAA=\n".encode(), "t\n\n— a AAAAAA==\n".encode(), b"x" * 300_000,
        SIGNED + SIGNED.rpartition(b"\n\n")[2] * 70,
    ],
)  # fmt: skip
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(NoteBroken):
        read_note(data)


@pytest.mark.parametrize(
    ("text", "name"), [("no newline", "n"), ("\n", "n"), ("t\n", "a b"), ("t\n", "a+b"), ("t\n", "")]
)
def test_what_cannot_be_a_note_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(NoteBroken):
        sign_note(text, name, SEED)


def test_the_checkpoint_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    head = read_checkpoint(text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert head.text() == text
    assert read_checkpoint(f"{text}extension\n") == head


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_says_what_it_was_made_of(size: int, root: bytes) -> None:
    head = Checkpoint("sekisho-register/abc", size, root)
    assert read_checkpoint(head.text()) == head


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", f"a\n01\n{ROOT}\n", f"a\n-1\n{ROOT}\n", f"\n1\n{ROOT}\n", f"a\n1\n{ROOT[:-4]}\n", f"a\n1\n{ROOT}",
     f"a\n1\n{ROOT}\n\nx\n", f"a\n１\n{ROOT}\n", f"a\n99999999999999999999\n{ROOT}\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        read_checkpoint(text)
