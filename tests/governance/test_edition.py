"""The edition that comes with this version: whole, in both languages, mapped, in our own words."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sekisho.governance.commands import guideline
from sekisho.governance.queries import editions

LONGEST_BORROWED_RUN = 14


def test_the_counts_of_the_edition() -> None:
    """123 printed items, 7 bullets, 9 parents, 121 leaves; nothing unmapped, nothing missing in a language."""
    result = CliRunner().invoke(guideline, ["stats", "--json"], standalone_mode=False)
    facts = json.loads(result.output)
    by_mapping = facts.pop("by_mapping")
    assert facts == {
        "edition": "mhlw-7.0-draft",
        "items": 123,
        "bullets": 7,
        "parents": 9,
        "leaves": 121,
        "unmapped": 0,
        "missing_ja": 0,
        "missing_en": 0,
    }
    assert sum(by_mapping.values()) == 121


def test_printed_numbers_that_do_not_exist_are_not_invented() -> None:
    """4② and 14⑦ are missing in print and here."""
    rows = editions.edition().by_id
    assert not {"SO-4-2", "SO-14-7"} & rows.keys()
    assert {"SO-4-3", "SO-14-6", "SO-14-8"} <= rows.keys()


def test_every_chapter_has_its_rows_in_printed_order() -> None:
    """By chapter, number, sub-number, letter."""

    def key(name: str) -> tuple[object, ...]:
        parts = re.split(r"[-]", name.removeprefix("SO-"))
        numbers = [int(part) for part in parts[:2]]
        rest = parts[2] if len(parts) > 2 else ""
        number = re.match(r"\d*", rest)
        return (*numbers, int(number[0]) if number and number[0] else 0, rest.lstrip("0123456789"))

    names = [row.id for row in editions.edition().rows]
    assert names == sorted(names, key=key)
    assert {name.split("-")[1] for name in names} == {str(number) for number in range(1, 19)}


def test_every_bound_is_kept_by_some_control() -> None:
    """A bound in the edition that no control must keep would be decoration."""
    mapping = editions.mapping()
    for leaf in editions.edition().leaves:
        wanted = {parameter.name for parameter in leaf.parameters}
        bound = {name for proof in mapping.leaves[leaf.id].proofs for name in proof.bounds}
        assert wanted == bound, leaf.id


@pytest.mark.skipif("SEKISHO_OFFICIAL_TEXT" not in os.environ, reason="needs the official text")
def test_the_words_are_our_own() -> None:
    """No run of the official text longer than its fixed terms stands in our data."""
    official = re.sub(r"\s+", "", Path(os.environ["SEKISHO_OFFICIAL_TEXT"]).read_text(encoding="utf8"))
    size = LONGEST_BORROWED_RUN + 1
    runs = {official[start : start + size] for start in range(len(official) - size + 1)}
    for path in sorted((editions.EDITIONS / editions.CURRENT).glob("*.yaml")):
        if path.name == "edition.yaml":
            continue  # holds the guideline's own name
        ours = re.sub(r"\s+", "", path.read_text(encoding="utf8"))
        borrowed = {ours[start : start + size] for start in range(len(ours) - size + 1)} & runs
        assert not borrowed, (path.name, sorted(borrowed)[:3])
