"""The manual's list of recurring work says what the edition asks for."""

from pathlib import Path

from django.utils.translation import override

from sekisho.governance.queries.editions import mapping
from sekisho.governance.rules.mapping import ProofKind
from sekisho.kernel import registry

MANUAL = Path(__file__).parents[2] / "docs" / "ja" / "routine.md"


def test_each_ledger_stands_there_with_its_days() -> None:
    """The shortest period of each ledger that proves something, by its Japanese title; and no other ledger."""
    days: dict[str, int] = {}
    for leaf in mapping().leaves.values():
        for proof in leaf.proofs:
            if proof.kind is ProofKind.LEDGER and not proof.planned:
                days[proof.id] = min(proof.valid_days, days.get(proof.id, proof.valid_days))
    found = registry.current()
    with override("ja"):
        titles = {one.id: str(one.title) for one in (*found.ledgers, *found.coverages)}
        rows = {f"| {titles[proof_id]} | {number}日 |" for proof_id, number in days.items()}
    text = MANUAL.read_text(encoding="utf8")
    assert rows == set(text[text.index("## 台帳を確かめる周期") :].splitlines()[6:])
