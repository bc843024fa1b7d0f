"""The themes in which a facility that begins should work, one after the other; each names the leaves it is about."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import StringConstraints, ValidationError

from sekisho.governance.rules.catalogue import Bilingual, Edition, EditionInvalid, Row, Some, Words
from sekisho.governance.rules.documents import Document, Fault


class Theme(Row):
    """One theme: its name, why it comes where it does, and its leaves, those that weigh most first."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
    title: Bilingual
    why: Bilingual
    leaves: Some[Words]


def build_themes(document: Document, edition: Edition) -> tuple[Theme, ...]:
    """Return the themes in the order of the file. Raises EditionInvalid with every fault, each with file and row."""
    if not isinstance(document.value, list):
        raise EditionInvalid([Fault(document.file, 1, "the themes are a list")])
    faults: list[Fault] = []
    parsed = [_parse(document, index, value, faults) for index, value in enumerate(document.value)]
    themes = [(index, theme) for index, theme in enumerate(parsed) if theme is not None]
    faults += _contradictions(document, themes, {leaf.id for leaf in edition.leaves})
    if faults:
        raise EditionInvalid(sorted(faults, key=lambda fault: fault.line))
    return tuple(theme for _index, theme in themes)


def _parse(document: Document, index: int, value: Any, faults: list[Fault]) -> Theme | None:
    try:
        return Theme.model_validate(value)
    except ValidationError as error:
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"])
            faults.append(Fault(document.file, document.line((index, *fault["loc"])), f"{name}: {fault['msg']}"))
        return None


def _contradictions(document: Document, themes: Sequence[tuple[int, Theme]], leaves: set[str]) -> Iterator[Fault]:
    names = Counter(theme.id for _index, theme in themes)
    counts = Counter(leaf for _index, theme in themes for leaf in theme.leaves)
    for index, theme in themes:
        if names[theme.id] > 1:
            yield Fault(document.file, document.line((index, "id")), f"{theme.id} stands in the file twice")
        for place, leaf in enumerate(theme.leaves):
            line = document.line((index, "leaves", place))
            if leaf not in leaves:
                yield Fault(document.file, line, f"{leaf} is no leaf of the edition")
            if counts[leaf] > 1:
                yield Fault(document.file, line, f"{leaf} stands in {counts[leaf]} places")
