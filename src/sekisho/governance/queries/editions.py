"""Reading editions from their folders. A second edition or volume is a new folder, no code."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sekisho.governance.rules.catalogue import Edition, EditionInvalid, build_edition
from sekisho.governance.rules.checklist import Checklist, build_checklist
from sekisho.governance.rules.documents import Document, Fault, read_document
from sekisho.governance.rules.mapping import Mapping, build_mapping
from sekisho.governance.rules.papers import Paper, build_papers
from sekisho.governance.rules.themes import Theme, build_themes
from sekisho.kernel.errors import NotFound

EDITIONS = Path(__file__).resolve().parent.parent / "editions"
CURRENT = "mhlw-7.0-draft"
_LARGEST = 4 * 2**20  # bytes; a chapter has some tens of thousands


def edition_ids() -> Sequence[str]:
    """Return the ids of the editions that come with this version."""
    return sorted(path.name for path in EDITIONS.iterdir() if (path / "edition.yaml").is_file())


def edition(edition_id: str = CURRENT) -> Edition:
    """Return an edition. Raises NotFound, EditionInvalid."""
    return _edition(edition_id)


def mapping(edition_id: str = CURRENT) -> Mapping:
    """Return how the requirements of an edition are proven. Raises NotFound, EditionInvalid."""
    return _mapping(edition_id)


def papers(edition_id: str = CURRENT) -> dict[str, Paper]:
    """Return the papers that the proofs of an edition ask for, by id. Raises NotFound, EditionInvalid."""
    return _papers(edition_id)


def themes(edition_id: str = CURRENT) -> tuple[Theme, ...]:
    """Return the themes in which a facility that begins should work, in order; none for an edition that names none.

    Raises NotFound, EditionInvalid.
    """
    return _themes(edition_id)


def checklists(edition_id: str = CURRENT) -> tuple[Checklist, ...]:
    """Return the checklists of inspections that an edition answers, the oldest year first; none if it names none.

    Raises NotFound, EditionInvalid.
    """
    return _checklists(edition_id)


def edition_digest(edition_id: str = CURRENT) -> str:
    """Return the SHA-256 over the files of an edition: with another one every verdict is computed anew."""
    return _digest(edition_id)


def forget() -> None:
    """Read every edition from its files again when it is next asked for."""
    for read in (_edition, _mapping, _papers, _themes, _checklists, _digest):
        read.cache_clear()


@cache
def _edition(edition_id: str) -> Edition:
    if edition_id not in edition_ids():
        raise NotFound
    return load_edition(EDITIONS / edition_id)


@cache
def _mapping(edition_id: str) -> Mapping:
    wanted = edition(edition_id)
    return build_mapping(_document(edition_id, "mapping.yaml"), wanted)


@cache
def _papers(edition_id: str) -> dict[str, Paper]:
    asked_for = mapping(edition_id)
    return build_papers(_document(edition_id, "documents.yaml"), asked_for)


@cache
def _themes(edition_id: str) -> tuple[Theme, ...]:
    wanted = edition(edition_id)
    if not (EDITIONS / edition_id / "themes.yaml").is_file():
        return ()
    return build_themes(_document(edition_id, "themes.yaml"), wanted)


@cache
def _checklists(edition_id: str) -> tuple[Checklist, ...]:
    wanted = edition(edition_id)
    names = sorted(path.name for path in (EDITIONS / edition_id).glob("checklist-*.yaml"))
    found = [build_checklist(_document(edition_id, name), wanted) for name in names]
    return tuple(sorted(found, key=lambda one: one.fiscal_year))


@cache
def _digest(edition_id: str) -> str:
    paths = sorted((EDITIONS / edition(edition_id).head.id).glob("*.yaml"))
    parts = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def load_edition(folder: Path) -> Edition:
    """Read an edition from ``folder``. Raises EditionInvalid with every fault of every file."""
    faults: list[Fault] = []
    documents: dict[str, Document] = {}
    for path in [folder / "edition.yaml", *sorted(folder.glob("chapter-*.yaml"))]:
        document, found = _read(path)
        faults += found
        if document is not None:
            documents[path.name] = document
    head = documents.pop("edition.yaml", None)
    if faults or head is None:
        raise EditionInvalid(faults or [Fault("edition.yaml", 0, "the file is missing")])
    return build_edition(head, list(documents.values()))


def _document(edition_id: str, name: str) -> Document:
    document, faults = _read(EDITIONS / edition_id / name)
    if document is None:
        raise EditionInvalid(faults)
    return document


def _read(path: Path) -> tuple[Document | None, list[Fault]]:
    try:
        if path.stat().st_size > _LARGEST:
            return None, [Fault(path.name, 0, "the file is too large to be one of ours")]
        text = path.read_text(encoding="utf8")
    except FileNotFoundError:
        return None, [Fault(path.name, 0, "the file is missing")]
    except UnicodeDecodeError as error:
        return None, [Fault(path.name, 0, f"the file is not UTF-8: {error.reason} at byte {error.start}")]
    return read_document(path.name, text)
