"""Reading editions from their folders. A second edition or volume is a new folder, no code."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sekisho.governance.rules.catalogue import Edition, EditionInvalid, build_edition
from sekisho.governance.rules.documents import Document, Fault, read_document
from sekisho.governance.rules.mapping import Mapping, build_mapping
from sekisho.kernel.errors import NotFound

EDITIONS = Path(__file__).resolve().parent.parent / "editions"
CURRENT = "mhlw-7.0-draft"
_LARGEST = 4 * 2**20  # bytes; a chapter has some tens of thousands


def edition_ids() -> Sequence[str]:
    """Return the ids of the editions that come with this version."""
    return sorted(path.name for path in EDITIONS.iterdir() if (path / "edition.yaml").is_file())


@cache
def edition(edition_id: str = CURRENT) -> Edition:
    """Return an edition. Raises NotFound, EditionInvalid."""
    if edition_id not in edition_ids():
        raise NotFound
    return load_edition(EDITIONS / edition_id)


@cache
def mapping(edition_id: str = CURRENT) -> Mapping:
    """Return how the requirements of an edition are proven. Raises NotFound, EditionInvalid."""
    document, faults = _read(EDITIONS / edition_id / "mapping.yaml")
    if document is None:
        raise EditionInvalid(faults)
    return build_mapping(document, edition(edition_id))


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
