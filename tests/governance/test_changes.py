"""What is judged again when something changed, and why a verdict changed: pure."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.governance.queries import editions
from sekisho.governance.rules.changes import ALL, InputKey, InputKind, affected, cause_of, differing
from tests.governance.conftest import OLD

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "leaves"),
    [
        (InputKey(InputKind.EDITION, OLD), {"SO-1-1": ALL, "SO-1-2": ALL, "SO-2-1-1": ALL, "SO-2-1-2": ALL}),
        (InputKey(InputKind.CONTROL, "people.length"), {"SO-1-1": ALL, "SO-2-1-2": ALL}),
        (InputKey(InputKind.CONTROL, "people.nobody"), {}),
        (InputKey(InputKind.COVERAGE, "estate.layer_products", "emr"), {"SO-1-2": {"emr"}}),
        (InputKey(InputKind.COVERAGE, "estate.layer_products"), {"SO-1-2": ALL}),
        (InputKey(InputKind.CLAIM, "SO-1-2", "emr"), {"SO-1-2": {"emr"}}),
        (InputKey(InputKind.CLAIM, "SO-2-1-2"), {"SO-2-1-2": ALL}),
        (InputKey(InputKind.CLAIM, "SO-9-9", "emr"), {}),
        (
            InputKey(InputKind.SUBJECT, "system", "emr"),
            {"SO-1-1": {"emr"}, "SO-1-2": {"emr"}, "SO-2-1-1": {"emr"}, "SO-2-1-2": {"emr"}},
        ),
        (InputKey(InputKind.SUBJECT, "vendor", "emr"), {}),
    ],
)
def test_what_is_judged_again(gate_editions: Path, key: InputKey, leaves: dict[str, object]) -> None:
    """Only the leaves that rest on it, and only for the subjects it speaks of."""
    assert affected(editions.edition(OLD), editions.mapping(OLD), [key]) == leaves


def test_all_subjects_win_over_some(gate_editions: Path) -> None:
    """In whatever order the changes come."""
    some, every = InputKey(InputKind.CLAIM, "SO-1-2", "emr"), InputKey(InputKind.CLAIM, "SO-1-2")
    for keys in ([some, every], [every, some], [every, some, some]):
        assert affected(editions.edition(OLD), editions.mapping(OLD), keys) == {"SO-1-2": ALL}
    two = affected(editions.edition(OLD), editions.mapping(OLD), [some, InputKey(InputKind.CLAIM, "SO-1-2", "pacs")])
    assert two == {"SO-1-2": {"emr", "pacs"}}


def test_what_differs() -> None:
    """Appeared, vanished, changed; not what stayed."""
    one, two, three, four = (InputKey(InputKind.CONTROL, f"people.{name}") for name in ("a", "b", "c", "d"))
    assert differing({one: "1", two: "1", three: "1"}, {one: "1", two: "2", four: "1"}) == {two, three, four}


def said(kind: str, state: str, ref: str = "") -> dict[str, str]:
    """Return one proof as it is stored."""
    return {"kind": kind, "id": f"x.{kind}", "state": state, "ref": ref}


def test_why_a_verdict_changed() -> None:
    """Each proof that says something else, by what; else the item began or ceased to apply."""
    before = [said("control", "holds", "run 1"), said("ledger", "partly")]
    assert cause_of([], before, first=True) == {"kind": "first"}
    assert cause_of(before, before, first=False) == {"kind": "applicability"}
    after = [said("control", "fails", "run 2"), said("ledger", "partly")]
    assert cause_of(before, after, first=False) == {
        "kind": "proofs",
        "changes": [{"proof": ["control", "x.control"], "before": "holds", "after": "fails", "ref": "run 2"}],
    }
    fallen = cause_of(before, [said("control", "absent"), said("document", "holds", "paper")], first=False)
    assert fallen == {
        "kind": "proofs",
        "changes": [
            {"proof": ["control", "x.control"], "before": "holds", "after": "absent", "ref": "run 1"},
            {"proof": ["document", "x.document"], "before": None, "after": "holds", "ref": "paper"},
            {"proof": ["ledger", "x.ledger"], "before": "partly", "after": None, "ref": ""},
        ],
    }
