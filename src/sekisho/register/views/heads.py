"""The head of the log on paper: to be kept in a drawer, and read in again when somebody doubts the log."""

import io
from urllib.parse import quote

import segno
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.register.actions import RegisterAction
from sekisho.register.services.heads import export_head
from sekisho.register.services.keeping import own_note
from sekisho.trust.notes import read_checkpoint, read_note, verifier_key
from sekisho.ui.display import Display
from sekisho.ui.paper import house_frame, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "register/templates/register/head_paper.typ"


@require_safe
@allow(RegisterAction.EXPORT_HEAD)
def head_pdf(request: Request) -> HttpResponse:
    """Return the present head of the log on A4; that it was taken is recorded."""
    name, content = _paper(own_note(export_head(actor=request.actor, to="paper")), request.display)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _paper(note: bytes, display: Display) -> tuple[str, bytes]:
    head, now, title = read_checkpoint(read_note(note).text), clock.now(), _("Head of the register's log")
    frame = house_frame(
        title=title,
        number=f"SK-HEAD-{head.size}",
        edition=head.origin,
        language=display.language,
        facts=[
            (_("Log"), head.origin),
            (_("Entries in the log"), f"{head.size:,}"),
            (_("Printed at"), format_moment(now, display.calendar, display.language)),
        ],
        day=format_date(in_facility(now).date(), display.calendar, display.language),
        what=_("Made from the log of this moment"),
    )
    data: dict[str, Json] = {
        "explanation": _(
            "This paper shows later that nothing recorded until now was changed or removed. Keep it where nobody who "
            "looks after the server can exchange it."
        ),
        "titles": {"steps": _("How to check"), "note": _("The head, word for word"), "key": _("Key for checking")},
        "steps": [
            _("Read the code with a scanner and save the text to a file, with its last line break."),
            _("On the server: sekisho register compare-head FILE"),
            _("Or on any other computer, with a copy of the log: sekisho-verify FOLDER --key KEY --head FILE"),
        ],
        "note": note.decode(),
        "root": f"SHA-256 {head.root.hex()}",
        "key": verifier_key(head.origin, settings.REGISTER_PUBLIC_KEY),
        "code": _code(note),
    }
    return f"{title}_{head.size}.pdf", make_pdf(_TEMPLATE, frame, data)


def _code(note: bytes) -> str:
    """Return the code of exactly these bytes, as a drawing."""
    drawing = io.BytesIO()
    segno.make(note, error="m", micro=False, mode="byte").save(drawing, kind="svg", scale=4, border=4)
    return drawing.getvalue().decode()
