"""The sealed print of a one-time link: folded and signed across its edge, so that only the person reads it."""

import io
from urllib.parse import quote
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from sekisho.estate.queries import facility
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_moment
from sekisho.people.models import AccountReset
from sekisho.people.queries.account_resets import reset_of_link
from sekisho.people.services.links import withdraw_links
from sekisho.trust.tokens import token_hash
from sekisho.ui.display import LANGUAGES, Display
from sekisho.ui.paper import Frame, PaperFailed, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "people/templates/people/reset_seal.typ"


def hand_out(request: Request, staff_id: UUID, token: str) -> HttpResponse:
    """Answer with the paper; a link whose paper could not be made is of use to nobody, and withdrawn."""
    row = reset_of_link(token_hash(token))
    address = f"{settings.ORIGIN}{reverse('people:open-link', args=[token])}"
    try:
        content = reset_paper(row, address, request.display)
    except PaperFailed:
        withdraw_links(actor=request.actor, staff_id=staff_id)
        raise
    name = f"{_('One-time link')}_{row.number}.pdf"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def reset_paper(row: AccountReset, address: str, display: Display) -> bytes:
    """Return the A4 to fold and close, in both languages. Raises PaperFailed."""
    own = facility()
    frame = Frame(
        title=_("Sealed one-time link"),
        number=f"SK-{row.number}",
        edition=own.name if own else "",
        language=display.language,
    )
    data: dict[str, Json] = {
        "number": row.number,
        "code": _drawing(address),
        "address": address,
        "languages": [_words(row, language, display) for language in LANGUAGES],
    }
    return make_pdf(_TEMPLATE, frame, data)


def _drawing(text: str) -> str:
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawing, kind="svg", scale=4, border=4, xmldecl=False)
    return drawing.getvalue().decode()


def _words(row: AccountReset, language: str, display: Display) -> dict[str, Json]:
    with override(language):
        return {
            "title": _("One-time link"),
            "outside": _(
                "To be opened only by the person named. If it was opened before, do not use it; tell the operator."
            ),
            "person": [_("Full name"), row.user.staff.name],
            "made": [_("Made at"), format_moment(row.done_at, display.calendar, language)],
            "by": [_("Made out by"), row.done_by],
            "until": [_("Works until"), format_moment(row.link.expires_at, display.calendar, language)],
            "receipt": [_("Received, unopened"), _("Day"), _("Signature")],
            "fold": _("Fold here so that the code is inside; close the edge and sign across it."),
            "secret": _("One-time link"),
            "steps": [
                _("Read the code with the computer or telephone with which you sign in, or type the address."),
                _("Choose a new password and set up your second factor. Nobody else learns either."),
                _("It works once. Afterwards destroy this paper."),
            ],
        }
