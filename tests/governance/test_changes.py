"""What is judged again when something changed, and why a verdict changed: pure."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.governance.queries import editions
from sekisho.governance.rules.changes import ALL, InputKey, InputKind, Said, affected, cause_of, differing
from sekisho.governance.rules.verdicts import Verdict
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


def stored(verdict: Verdict, *proofs: dict[str, str], reason: object = None) -> Said:
    """Return a stored verdict."""
    return Said(verdict, reason, proofs)


def test_why_a_verdict_changed() -> None:
    """Each proof that says something else, and by what."""
    before = stored(Verdict.PARTIAL, said("control", "holds", "run 1"), said("ledger", "partly"))
    assert cause_of(None, before) == {"kind": "first"}
    after = stored(Verdict.NONCONFORMING, said("control", "fails", "run 2"), said("ledger", "partly"))
    assert cause_of(before, after) == {
        "kind": "proofs",
        "changes": [{"proof": ["control", "x.control"], "before": "holds", "after": "fails", "ref": "run 2"}],
    }
    fallen = stored(Verdict.NOT_ASSESSED, said("control", "absent"), said("document", "holds", "paper"))
    assert cause_of(before, fallen) == {
        "kind": "proofs",
        "changes": [
            {"proof": ["control", "x.control"], "before": "holds", "after": "absent", "ref": "run 1"},
            {"proof": ["document", "x.document"], "before": None, "after": "holds", "ref": "paper"},
            {"proof": ["ledger", "x.ledger"], "before": "partly", "after": None, "ref": ""},
        ],
    }


def test_an_item_that_begins_or_ceases_to_apply_is_no_change_of_its_proofs() -> None:
    """By an approved reason with its application, or by a rule; in both directions."""
    judged = stored(Verdict.CONFORMING, said("control", "holds", "run 1"))
    claimed = stored(Verdict.NOT_APPLICABLE, reason={"said": "理由", "ref": "application"})
    ruled = stored(Verdict.NOT_APPLICABLE, reason={"ja": "院内のみ", "en": "On-premises only"})
    for before, after, ref in (
        (judged, claimed, "application"),
        (claimed, judged, "application"),
        (judged, ruled, ""),
        (ruled, judged, ""),
    ):
        assert cause_of(before, after) == {"kind": "applicability", "ref": ref}
