"""The message catalogues: extract (needs Babel), check (needs Babel), compile (needs nothing).

English is the language of the message ids, so only Japanese has a catalogue. `extract` brings it up to date with the
sources; `check` fails when it is not, or when a text is missing; `compile` writes the binary form read at run time.
"""

import ast
import io
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "sekisho"
CATALOGUES = SOURCES / "locale"
PO = CATALOGUES / "ja" / "LC_MESSAGES" / "django.po"


def compile_catalogues() -> None:
    """Write django.mo beside every django.po."""
    for po in CATALOGUES.glob("*/LC_MESSAGES/django.po"):
        po.with_suffix(".mo").write_bytes(mo_bytes(read_po(po.read_text(encoding="utf8"))))


def read_po(text: str) -> dict[str, str]:
    """Return the translated messages of a .po text: msgid (with context and plural in gettext's own form) to msgstr."""
    messages: dict[str, str] = {}
    for block in text.split("\n\n"):
        parts = _fields(block)
        if "msgid" not in parts or ("#, fuzzy" in block and parts["msgid"]):
            continue
        key = parts["msgid"]
        if "msgctxt" in parts:
            key = f"{parts['msgctxt']}\x04{key}"
        if "msgid_plural" in parts:
            key = f"{key}\x00{parts['msgid_plural']}"
        value = parts.get("msgstr", parts.get("msgstr[0]", ""))
        if value:
            messages[key] = value
    return messages


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        if line.startswith('"'):
            fields[name] += ast.literal_eval(line)
        elif " " in line:
            name, quoted = line.split(" ", 1)
            fields[name] = ast.literal_eval(quoted)
    return fields


def mo_bytes(messages: dict[str, str]) -> bytes:
    """Return the messages in the binary form of GNU gettext (revision 0, no hash table)."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    count = len(pairs)
    keys_at, values_at = 28, 28 + 8 * count
    offset = 28 + 16 * count
    tables: list[list[int]] = [[], []]
    data = b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += [len(pair[column]), offset + len(data)]
            data += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, keys_at, values_at, 0, 0)
    return head + struct.pack(f"<{2 * count}I", *tables[0]) + struct.pack(f"<{2 * count}I", *tables[1]) + data


def extracted() -> Iterator[tuple[str, int, object, list[str], str | None]]:
    """Yield (file, line, message, comments, context) for every text of the sources and templates."""
    from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_from_file
    from django.conf import settings
    from django.utils.translation.template import templatize

    settings.configure()
    keywords = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}
    for path in sorted(SOURCES.rglob("*.py")):
        for line, message, comments, context in extract_from_file("python", path, keywords=keywords):
            yield str(path.relative_to(ROOT)), line, message, comments, context
        yield from ((str(path.relative_to(ROOT)), line, message, [], None) for line, message in _inside_f_strings(path))
    for path in sorted(SOURCES.rglob("*.html")):
        # Only the calls matter; on one line, the template's indentation cannot look like Python's.
        python = templatize(path.read_text(encoding="utf8"), origin=str(path)).replace("\n", " ")
        for line, message, comments, context in extract("python", io.BytesIO(python.encode()), keywords=keywords):
            yield str(path.relative_to(ROOT)), line, message, comments, context


def _inside_f_strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, message) for ``_("…")`` inside of f-strings, which are one token before Python 3.12."""
    for whole in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        for node in ast.walk(whole) if isinstance(whole, ast.JoinedStr) else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "N_", "gettext", "gettext_lazy"}:
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: a text must be written out"
                yield node.lineno, str(node.args[0].value)


def fresh_catalogue() -> object:
    """Return the Japanese catalogue as the sources want it, with the translations there are."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po as babel_read

    catalogue = Catalog(locale="ja", project="Sekisho", charset="utf-8", fuzzy=False)
    for file, _line, message, _comments, context in extracted():
        catalogue.add(message, locations=[(file, None)], context=context)
    if PO.exists():
        with PO.open("rb") as stored:
            known = babel_read(stored, locale="ja")
        for entry in catalogue:
            old = known.get(entry.id, entry.context) if entry.id else None
            if old is not None:
                entry.string = old.string
    return catalogue


def write_catalogue(catalogue: object) -> bytes:
    """Return the catalogue as the bytes of a .po file, without dates, so that nothing but texts ever changes."""
    from babel.messages.pofile import write_po

    buffer = io.BytesIO()
    write_po(buffer, catalogue, omit_header=True, sort_output=True, width=120, include_lineno=False)
    lines = ("Language: ja", "Content-Type: text/plain; charset=utf-8", "Plural-Forms: nplurals=1; plural=0;")
    head = 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"
    return head.encode() + buffer.getvalue()


def check() -> list[str]:
    """Return what is wrong with the catalogue; empty when it is complete and up to date."""
    catalogue = fresh_catalogue()
    faults = [f"no Japanese for: {entry.id}" for entry in catalogue if entry.id and not entry.string]
    for entry in catalogue:
        faults += [f"{entry.id!r}: {error}" for error in entry.check()] if entry.string else []
    if PO.read_bytes() != write_catalogue(catalogue):
        faults.append("the catalogue is not up to date: run scripts/messages.py extract")
    return faults


def main() -> int:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["compile"]:
            compile_catalogues()
        case ["extract"]:
            PO.parent.mkdir(parents=True, exist_ok=True)
            PO.write_bytes(write_catalogue(fresh_catalogue()))
            compile_catalogues()
        case ["check"]:
            faults = check()
            print("\n".join(faults), file=sys.stderr)
            return 1 if faults else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 64
    return 0


if __name__ == "__main__":
    sys.exit(main())
