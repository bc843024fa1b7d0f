"""An edition of our own that fits the synthetic guideline."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.governance.queries import editions
from tests.governance.synthetic import BULLETED, IDS

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
    editions.edition.cache_clear()
    yield EDITION
    editions.edition.cache_clear()
