"""Policies and cosignatures (C2SP tlog-policy, tlog-cosignature)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho_verify.errors import Malformed
from sekisho_verify.policy import parse_policy
from tests.sekisho_verify.asking import KEY, Answer, Ask
from tests.sekisho_verify.writer import Log, Signer, entries, write

WITNESSES = {name: Signer(f"{name}.example/w", bytes([at + 1] * 32), kind=4) for at, name in enumerate("XYZABC")}
LINES = "".join(f"witness {name} {one.vkey}\n" for name, one in WITNESSES.items())
EXAMPLE = f"""# two of these, one of those
log {KEY}
{LINES}
group left 2 X Y Z
\tgroup right any A B C https://example.com
group both all left right
quorum both
""".replace(" https://example.com", "")


@given(st.sets(st.sampled_from(sorted(WITNESSES))))
def test_a_quorum_counts_as_it_is_written(cosigned: set[str]) -> None:
    """Two of three here and one of three there."""
    expected = len(cosigned & set("XYZ")) >= 2 and bool(cosigned & set("ABC"))
    assert parse_policy(EXAMPLE.encode()).reached(cosigned) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum",
        "quorum X\n",
        LINES,
        LINES + "quorum nobody\n",
        LINES + "quorum X\nquorum Y\n",
        "quorum none\nquorum none\n",
        LINES + "group none any X\nquorum none\n",
        LINES + "group g 0 X\nquorum g\n",
        LINES + "group g 3 X Y\nquorum g\n",
        LINES + "group g any\nquorum g\n",
        LINES + "group g any X X\nquorum g\n",
        LINES + "group g all X\ngroup h all X\nquorum g\n",
        LINES + "group X any Y\nquorum X\n",
        LINES + "group g any none\nquorum g\n",
        LINES + LINES + "quorum X\n",
        f"witness other {WITNESSES['X'].vkey}\n" + LINES + "quorum X\n",
        f"log {KEY}\nlog {KEY}\nquorum none\n",
        f"witness w {KEY}\nquorum none\n",
        f"log {WITNESSES['X'].vkey}\nquorum none\n",
        "word\nquorum none\n",
        "quorum none\r\n",
        LINES + "quorum g\ngroup g any X\n",
        LINES + "group g 02 X Y\nquorum g\n",
        "log\nquorum none\n",
        "witness w\nquorum none\n",
    ],
)
def test_policies_that_are_none(text: str) -> None:
    """Each rule of the specification."""
    with pytest.raises(Malformed):
        parse_policy(text.encode())


def test_names_are_octets() -> None:
    """Names need be no UTF-8."""
    policy = parse_policy(LINES.replace("witness X", "witness é").encode("latin1") + "quorum é\n".encode("latin1"))
    assert policy.quorum in policy.witnesses


def test_witnesses_are_counted(tmp_path: Path, ask: Ask) -> None:
    """Enough, too few, false, unknown; and the policy's key will do for the log."""
    policy = tmp_path / "policy"
    policy.write_text(EXAMPLE)
    some = entries(300)

    def said(name: str, *witnesses: Signer, extra: bytes = b"") -> tuple[str, list[str]]:
        log = Log(some, witnesses=list(witnesses))
        folder = write(tmp_path / name, log.files | {"checkpoint": log.checkpoint + extra})
        answer = ask(folder, "--policy", policy, "--head", folder / "checkpoint")
        return answer.verdict, answer.codes

    good = [WITNESSES["X"], WITNESSES["Z"], WITNESSES["B"]]
    assert said("enough", *good) == ("intact", ["witness.cosigned"])
    assert said("few", WITNESSES["X"]) == ("cannot_tell", ["witness.cosigned", "witness.quorum"])
    assert said("nobody") == ("cannot_tell", ["witness.quorum"])
    stranger = Signer(WITNESSES["Y"].name, bytes([99] * 32), kind=4)
    assert said("stranger", WITNESSES["X"], stranger)[0] == "cannot_tell"
    false = WITNESSES["Y"].line(b"another head\n")
    assert said("false", *good, extra=false) == ("tampered", ["witness.cosigned", "witness.false"])


def test_a_head_kept_elsewhere_brings_its_witnesses(tmp_path: Path, ask: Ask) -> None:
    """A busy log is seldom cosigned at its newest head; what witnesses said of an older one counts as far as that.

    What came later they never saw, so the answer stays at "cannot tell".
    """
    policy = tmp_path / "policy"
    policy.write_text(EXAMPLE)
    some, head = entries(300), tmp_path / "head"
    folder = write(tmp_path / "log", Log(some).files)
    good = [WITNESSES["X"], WITNESSES["Z"], WITNESSES["B"]]

    def said(held: bytes) -> Answer:
        head.write_bytes(held)
        return ask(folder, "--policy", policy, "--head", head)

    answer = said(Log(some, witnesses=good).head(200))
    assert (answer.verdict, answer.codes) == ("cannot_tell", ["head.cosigned", "witness.quorum"])
    assert answer.facts["witnessed_size"] == 200
    assert answer.first("head.cosigned") == {"file": str(head), "held": 200, "witnesses": "B, X, Z"}
    few = said(Log(some, witnesses=good[:1]).head(200))
    assert (few.verdict, few.codes) == ("cannot_tell", ["head.cosigned", "witness.quorum"])
    assert "witnessed_size" not in few.facts
    false = said(Log(some, witnesses=good).head(200) + WITNESSES["Y"].line(b"another head\n"))
    assert (false.verdict, false.codes) == ("cannot_tell", ["head.cosignature", "head.cosigned", "witness.quorum"])
    other = said(Log([*some[:-1], b"{}"], witnesses=good).checkpoint)
    assert (other.verdict, other.codes) == ("tampered", ["head.differs", "witness.quorum"])


def test_a_cosignature_holds_for_its_time_only(tmp_path: Path, ask: Ask) -> None:
    """The time stands in what is signed."""
    witness = WITNESSES["X"]
    policy = tmp_path / "policy"
    policy.write_text(f"log {KEY}\nwitness X {witness.vkey}\nquorum X\n")
    log = Log(entries(5))
    line = witness.line(log.text, time=1_763_683_200)
    folder = write(tmp_path / "log", log.files | {"checkpoint": log.checkpoint + line})
    answer = ask(folder, "--policy", policy, "--head", folder / "checkpoint")
    assert answer.first("witness.cosigned") == {"name": "X", "time": "2025-11-21T00:00:00Z"}


def test_a_key_that_the_policy_does_not_list(tmp_path: Path, ask: Ask) -> None:
    """The two must not contradict each other."""
    policy = tmp_path / "policy"
    policy.write_text(f"log {Signer(seed=bytes([5] * 32)).vkey}\nquorum none\n")
    folder = write(tmp_path / "log", Log(entries(3)).files)
    assert ask(folder, "--key", KEY, "--policy", policy).codes == ["policy.log"]
    policy.write_text("rubbish\n")
    assert ask(folder, "--key", KEY, "--policy", policy).codes == ["policy.form"]
