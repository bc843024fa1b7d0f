"""An edition of our own that fits the synthetic guideline."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.governance.queries import editions
from tests.governance.synthetic import BULLETED, IDS
from tests.governance.test_catalogue import CHILD, HEAD, LEAF, PARENT, write

EDITION = "synthetic-1.0"
PARENTS = {*BULLETED, "SO-3-1", "SO-3-1-1"}


def _row(name: str) -> str:
    inside = next((p for p in sorted(PARENTS, key=len, reverse=True) if name != p and name.startswith(p)), None)
    lines = [f"- id: {name}", "  printed: x", "  title: {ja: 題, en: Title}", "  explanation: {ja: 説明, en: Text}"]
    lines += [f"  parent: {inside}"] if inside else []
    if name in PARENTS:
        return "\n".join(lines)
    lines += ["  kind: bullet"] if name.rsplit("-", 1)[-1].isalpha() else []
    lines += ["  judged_per: facility", "  role: system_operator", "  level: required"]
    lines += ["  evidence: {ja: [証], en: [Proof]}", "  clinic: {ja: 手順, en: Steps}"]
    return "\n".join([*lines, "  conditions: []", "  checklist_r7: []", "  v52: []"])


@pytest.fixture
def synthetic_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make the synthetic edition the only one, and return its id."""
    folder = tmp_path / "editions" / EDITION
    folder.mkdir(parents=True)
    title = "{ja: 試験, en: Test}"
    chapters = "\n".join(f"  - {{number: {number}, group: common, title: {title}}}" for number in (1, 2, 3))
    head = f"id: {EDITION}\nvolume: SO\ntitle: {title}\npublisher: {title}\nstatus: draft\ndated: 2026-05-29\n"
    (folder / "edition.yaml").write_text(f"{head}chapters:\n{chapters}\n", encoding="utf8")
    for number in (1, 2, 3):
        rows = [_row(name) for name in IDS if name.startswith(f"SO-{number}-")]
        (folder / f"chapter-{number:02}.yaml").write_text("\n".join(rows), encoding="utf8")
    monkeypatch.setattr(editions, "EDITIONS", folder.parent)
    editions.forget()
    yield EDITION
    editions.forget()


OLD, NEW = "gate-1.0", "gate-2.0"
GATE_MAPPING = """\
edition: {edition}
review_rules: []
leaves:
  SO-1-1:
    proofs:
      - {{kind: control, id: people.length, what: {{ja: 長さ, en: Length}}, valid_days: 1, bounds: [length]}}
  SO-1-2:
    proofs:
      - {{kind: attestation, id: governance.attestation, what: {{ja: 確認, en: Attestation}}, valid_days: 90}}
      - {{kind: ledger, id: estate.layer_products, what: {{ja: 製品, en: Products}}}}
  SO-2-1-1:
    proofs:
      - {{kind: control, id: people.lockout, what: {{ja: 締出し, en: Lockout}}, covers: platform}}
  SO-2-1-2:
    proofs:
      - {{kind: document, id: documents.rules, what: {{ja: 規程, en: Rules}}}}
      - {{kind: control, id: people.length, what: {{ja: 長さ, en: Length}}, valid_days: 1}}
"""
GATE_PAPERS = """\
- {id: documents.rules, per: facility, title: {ja: 規程, en: Rules}, hint: {ja: 書きます。, en: Write it.}}
"""
LIMITS = """\
  parameters: [{name: length, at_least: 13}]
  applies_when:
    facts: [{fact: form, in: [on_premises, hybrid]}]
    otherwise: {ja: 院内のみ, en: On-premises only}
"""


@pytest.fixture
def gate_editions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make two small editions with every kind of proof the only ones; the newer one has lost SO-2-1-2."""
    for name in (OLD, NEW):
        folder = tmp_path / "editions" / name
        folder.mkdir(parents=True)
        second, mapping = PARENT + CHILD.format(id="SO-2-1-1"), GATE_MAPPING.format(edition=name)
        if name == OLD:
            second += CHILD.format(id="SO-2-1-2")
            (folder / "documents.yaml").write_text(GATE_PAPERS, encoding="utf8")
        else:
            mapping = mapping[: mapping.index("  SO-2-1-2:")]
            (folder / "documents.yaml").write_text("[]", encoding="utf8")
        first = LEAF.format(id="SO-1-1") + LIMITS + LEAF.format(id="SO-1-2")
        write(folder, edition=HEAD.replace("test-1.0", name), chapter_01=first, chapter_02=second)
        (folder / "mapping.yaml").write_text(mapping, encoding="utf8")
    monkeypatch.setattr(editions, "EDITIONS", tmp_path / "editions")
    editions.forget()
    yield tmp_path / "editions"
    editions.forget()
