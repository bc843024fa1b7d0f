"""The program that reads a PDF: bytes in, JSON out. ``queries.pdf`` runs it in a process of its own.

Nothing of ours is imported here, and nothing imports this file: the PDF library is large C++ code that is fed bytes
from outside, it is not safe to use from several threads, and it cannot be given a bound on memory inside a process
that does other work. Here it has one thread, a bound, no environment and nothing to lose.

The answer is ``{"fault": "", "pages": [[text, shows more than text], ...]}``; a fault is "password", "damaged" or
"long", and then there are no pages.
"""

import json
import resource
import sys
from contextlib import closing
from typing import TypedDict

from pypdfium2 import PdfDocument, PdfiumError, PdfPage
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_PAGEOBJ_TEXT

MOST_PAGES = 500  # the whole guideline has some three hundred
MOST_LETTERS = 2_000_000  # a volume has some tens of thousands
MOST_MEMORY = 2**30
Page = tuple[str, bool]


class _TooLong(Exception):
    """There are more pages or letters than any guideline has."""


class Answer(TypedDict):
    """What the reader says of a file."""

    fault: str
    pages: list[Page]


def read(data: bytes) -> Answer:
    """Return every page, or why there are none."""
    try:
        with PdfDocument(data) as document:
            return {"fault": "", "pages": _pages(document)}
    except _TooLong:
        fault = "long"
    except MemoryError:
        fault = "damaged"
    except PdfiumError as error:
        fault = "password" if error.err_code == FPDF_ERR_PASSWORD else "damaged"
    return {"fault": fault, "pages": []}


def _pages(document: PdfDocument) -> list[Page]:
    if len(document) > MOST_PAGES:
        raise _TooLong
    pages: list[Page] = []
    left = MOST_LETTERS
    for place in range(len(document)):
        with closing(document[place]) as page:
            text, drawn = _page(page, left)
        left -= len(text)
        pages.append((text, drawn))
    return pages


def _page(page: PdfPage, left: int) -> Page:
    """Return the text of a page, and whether it shows anything but text."""
    with closing(page.get_textpage()) as letters:
        if letters.count_chars() > left:
            raise _TooLong
        text = letters.get_text_bounded()
    return text, any(thing.type != FPDF_PAGEOBJ_TEXT for thing in page.get_objects(max_depth=1))


def main() -> None:
    """Read a PDF from standard input and answer on standard output."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(read(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
