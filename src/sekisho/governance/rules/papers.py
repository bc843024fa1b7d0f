"""The papers that the document proofs of an edition ask for: their names, and how one comes by them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, ValidationError

from sekisho.governance.rules.catalogue import Bilingual, EditionInvalid, Row
from sekisho.governance.rules.documents import Document, Fault
from sekisho.governance.rules.mapping import Mapping, ProofKind


class Paper(Row):
    """One paper that is handed in and approved.

    ``per`` tells whether one of it serves the whole facility, or each subject needs a paper that speaks of it.
    ``title`` is the name hospitals use; ``hint`` says what belongs in it and how a clinic gets or writes it.
    """

    id: Annotated[str, StringConstraints(pattern=r"^documents\.[a-z][a-z0-9_]*$")]
    per: Literal["facility", "subject"]
    title: Bilingual
    hint: Bilingual


def build_papers(document: Document, mapping: Mapping) -> dict[str, Paper]:
    """Return the papers of an edition by id, in the order of the file.

    Raises EditionInvalid with every fault, each with file and row: rows of another form, repeated ids, papers that no
    proof of ``mapping`` names, and proofs that are not planned and name no paper.
    """
    faults: list[Fault] = []
    if not isinstance(document.value, list):
        raise EditionInvalid([Fault(document.file, 1, "the catalogue of papers is a list")])
    parsed = [_parse(document, index, value, faults) for index, value in enumerate(document.value)]
    faults += _contradictions(document, document.value, mapping)
    if faults:
        raise EditionInvalid(sorted(faults, key=lambda fault: fault.line))
    return {paper.id: paper for paper in parsed if paper is not None}


def _parse(document: Document, index: int, value: Any, faults: list[Fault]) -> Paper | None:
    try:
        return Paper.model_validate(value)
    except ValidationError as error:
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"])
            faults.append(Fault(document.file, document.line((index, *fault["loc"])), f"{name}: {fault['msg']}"))
        return None


def _contradictions(document: Document, rows: Sequence[Any], mapping: Mapping) -> Iterator[Fault]:
    """Yield what single rows cannot show. A row that is faulty otherwise still counts by its id."""
    placed = [
        (row["id"], document.line((index, "id")))
        for index, row in enumerate(rows)
        if isinstance(row, dict) and isinstance(row.get("id"), str)
    ]
    counts = Counter(name for name, _line in placed)
    proofs = [(leaf, proof) for leaf, proof in mapping.proofs if proof.kind is ProofKind.DOCUMENT]
    named = {proof.id for _leaf, proof in proofs}
    for name, line in placed:
        if counts[name] > 1:
            yield Fault(document.file, line, f"{name} stands in the catalogue {counts[name]} times")
        if name not in named:
            yield Fault(document.file, line, f"no proof names {name}")
    for leaf, proof in proofs:
        if not proof.planned and proof.id not in counts:
            yield Fault(document.file, 0, f"{leaf} asks for {proof.id}, which is not in the catalogue")
