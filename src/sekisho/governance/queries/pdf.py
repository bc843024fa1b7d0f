"""Reading the text of a PDF, page by page."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sekisho.governance.errors import PdfTooLong, PdfUnreadable, TextIsPicture
from sekisho.governance.rules.official import page_text
from sekisho.kernel.text import Text, _

READER = Path(__file__).with_name("pdf_reader.py")
MOST_SECONDS = 60  # a hundred pages take less than one
# Both as lenient as other readers are: mail and web servers leave their traces around the file.
_HEAD, _TAIL = 1024, 1024
_DAMAGED = _("it is damaged or cut off")
_PASSWORD = _("it asks for a password")


def is_pdf(data: bytes) -> bool:
    """Tell whether a file says that it is a PDF."""
    return b"%PDF-" in data[: _HEAD + len(b"%PDF-")]


def pdf_text(name: str, data: bytes) -> str:
    """Return the text of a PDF without its page numbers; a page ends like a line.

    Raises PdfUnreadable, PdfTooLong, TextIsPicture.
    """
    # The reader would repair a file that was cut off and hand over what is left, as if that were all.
    if b"%%EOF" not in data[-_TAIL:]:
        raise _unreadable(name, _DAMAGED)
    pages = _read(name, data)
    texts = [page_text(text) for text, _drawn in pages]
    # A page with nothing on it (the back of a cover) is whole; one that only shows something is not.
    pictures = [place for place, (_text, drawn) in enumerate(pages) if drawn and not texts[place].strip()]
    if pictures:
        raise TextIsPicture(name=name, pages=len(pictures), total=len(pages), first=pictures[0] + 1)
    return "\n".join(texts)


def _read(name: str, data: bytes) -> Sequence[tuple[str, bool]]:
    """Let the reader read. A signal (its bound, a crash) or no end means that the file is not what it should be."""
    command = [sys.executable, "-I", str(READER)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=MOST_SECONDS, check=True, env={})
    except subprocess.TimeoutExpired as error:
        raise _unreadable(name, _DAMAGED) from error
    except subprocess.CalledProcessError as error:
        if error.returncode > 0:  # the reader is at fault, not the file: the library is missing, say
            error.add_note(error.stderr.decode(errors="replace"))
            raise
        raise _unreadable(name, _DAMAGED) from error
    answer = json.loads(done.stdout)
    match answer["fault"]:
        case "":
            return [(text, drawn) for text, drawn in answer["pages"]]
        case "long":
            raise PdfTooLong(name=name)
        case fault:
            raise _unreadable(name, _PASSWORD if fault == "password" else _DAMAGED)


def _unreadable(name: str, reason: Text) -> PdfUnreadable:
    return PdfUnreadable(name=name, reason=reason)
