"""The themes of the first weeks are read strictly, and name leaves that exist."""

import pytest

from sekisho.governance.queries.editions import edition, themes
from sekisho.governance.rules.catalogue import EditionInvalid
from sekisho.governance.rules.documents import read_document
from sekisho.governance.rules.themes import Theme, build_themes

ONE = """\
- id: know
  title: {ja: 知る, en: Know}
  why: {ja: 知らないと守れません。, en: What is unknown is unprotected.}
  leaves: [SO-2-2, SO-4-1]
"""


def built(text: str) -> tuple[Theme, ...]:
    document, faults = read_document("themes.yaml", text)
    assert document is not None, faults
    return build_themes(document, edition())


def test_the_five_themes_stand_in_their_order() -> None:
    found = themes()
    assert [theme.id for theme in found] == ["what_is_there", "restore", "keep_out", "whom_to_call", "on_paper"]
    assert all(len(theme.leaves) > 3 for theme in found)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (ONE.replace("SO-4-1", "SO-4-2"), 4, "SO-4-2 is no leaf"),
        (ONE.replace("SO-4-1", "SO-14-5"), 4, "SO-14-5 is no leaf"),
        (ONE.replace("SO-4-1", "SO-2-2"), 4, "SO-2-2 stands in 2 places"),
        (ONE + ONE.replace("SO-2-2, SO-4-1", "SO-2-1"), 1, "know stands in the file twice"),
        (ONE + ONE.replace("know", "other"), 4, "SO-2-2 stands in 2 places"),
        (ONE.replace(", en: Know", ""), 2, "title.en"),
        (ONE.replace("leaves: [SO-2-2, SO-4-1]", "leaves: []"), 4, "leaves"),
        (ONE + "  more: 1\n", 5, "more"),
        ("know: 1\n", 1, "a list"),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(text: str, line: int, said: str) -> None:
    with pytest.raises(EditionInvalid) as refused:
        built(text)
    assert any(fault.line == line and said in str(fault) for fault in refused.value.faults), str(refused.value)
