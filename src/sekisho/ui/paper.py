"""Papers on A4: Typst lays them out, in a process of its own, with the fonts that came along.

A process of its own, because fonts and layout take 80 MB that the web process would keep, and because a paper that
cannot be laid out must harm nobody else. The data are values, never markup: nothing that somebody typed is a command.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.utils.translation import gettext

from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import Unavailable
from sekisho.kernel.text import _

LONGEST = timedelta(minutes=1)
_PRESS = [sys.executable, "-P", "-m", "sekisho.ui.paper_press"]


class PaperFailed(Unavailable):
    """The paper could not be laid out; the reason is in the log of the fault."""

    code = "ui.paper_failed"
    message = _("The paper could not be made.")
    hint = _("Try again; if it fails again, report it to whoever looks after Sekisho.")


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the table of revisions, all in the reader's words."""

    version: str
    day: str
    what: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on every paper of ours, in the reader's words.

    ``seals`` are the headings of the boxes for seals, from left to right (usually made, checked, approved); ``facts``
    the lines below the title; ``labels`` the few words of the frame itself. Page n/N and the rules come by themselves.
    See :func:`house_frame` for the usual one.
    """

    title: str
    number: str
    edition: str
    language: str
    facts: Sequence[tuple[str, str]] = ()
    seals: Sequence[str] = ()
    revisions: Sequence[Revision] = ()
    labels: Mapping[str, str] | None = None
    landscape: bool = False


def house_frame(
    *,
    title: str,
    number: str,
    edition: str,
    language: str,
    day: str,
    what: str,
    facts: Sequence[tuple[str, str]] = (),
    landscape: bool = False,
) -> Frame:
    """Return the frame that our papers share: three boxes for seals, and a first line in the table of revisions.

    ``day`` is the day of that line as the reader writes it, ``what`` what it says was made.
    """
    return Frame(
        title=title,
        number=number,
        edition=edition,
        language=language,
        facts=facts,
        landscape=landscape,
        seals=(gettext("Made by"), gettext("Checked by"), gettext("Approved by")),
        revisions=(Revision("1.0", day, what),),
        labels={
            "revisions": gettext("Revisions"),
            "version": gettext("Version"),
            "day": gettext("Day"),
            "what": gettext("What changed"),
            "by": gettext("By whom"),
        },
    )


def make_pdf(template: str, frame: Frame, data: Mapping[str, Json]) -> bytes:
    """Return the PDF that ``template`` makes of ``data``.

    ``template`` is a Typst file below this package's parent, such as "governance/templates/governance/fit_gap.typ"; it
    reads ``frame`` and ``data`` from its input. Raises PaperFailed.
    """
    work = json.dumps({"template": template, "input": {"frame": asdict(frame), "data": data}}, ensure_ascii=False)
    try:
        done = subprocess.run(
            _PRESS, input=work.encode(), capture_output=True, check=False, timeout=LONGEST.total_seconds(), env={}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PaperFailed from error
    if done.returncode != 0:
        raise PaperFailed from RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout
