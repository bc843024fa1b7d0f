"""Handing out the root certificate. Public: it is no secret, and who needs it cannot sign in without a warning yet."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.config.environment import environment
from sekisho.config.trusting.handing_out import Root, apple_profile, handed_out, is_known_already
from sekisho.estate.queries import facility
from sekisho.kernel import clock
from sekisho.kernel.access import allow, public
from sekisho.kernel.actor import ActorKind
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, in_facility
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PeopleAction
from sekisho.ui.paper import Frame, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "config/templates/config/trust.typ"
_CERTIFICATE, _PROFILE = "application/x-x509-ca-cert", "application/x-apple-aspen-config"


@require_safe
@public
def show(request: Request) -> HttpResponse:
    """Tell how a computer or telephone comes to trust Sekisho, and by which fingerprint to know the right file."""
    settings = environment()
    context = {
        "page_title": _("So that browsers trust Sekisho"),
        "root": handed_out(settings),
        "known": is_known_already(settings),
        "origin": settings.origin,
        "signed_in": request.actor.kind is ActorKind.PERSON,
    }
    return render(request, "config/trust.html", context)


@require_safe
@public
def certificate(request: Request, form: str) -> HttpResponse:
    """Return the root certificate as a file: DER (crt), or text (pem)."""
    if form not in {"crt", "pem"}:
        raise NotFound
    root = _root()
    return _file(root.der if form == "crt" else root.pem, _CERTIFICATE, f"sekisho-root.{form}")


@require_safe
@public
def profile(request: Request) -> HttpResponse:
    """Return the root certificate as a profile for iOS, iPadOS and macOS."""
    root = _root()
    explanation = _("Compare the fingerprint by telephone before you install it: %(fingerprint)s")
    content = apple_profile(root, _("Sekisho: root certificate"), explanation % {"fingerprint": _spoken(root)})
    return _file(content, _PROFILE, "sekisho-root.mobileconfig")


@require_safe
@allow(PeopleAction.HOME)
def sheet(request: Request) -> HttpResponse:
    """Return the A4 to hang up or hand out: address, fingerprint, and what to do on which device."""
    root, row, language = _root(), facility(), request.display.language
    today = format_date(in_facility(clock.now()).date(), request.display.calendar, language)
    facts = [
        (_("Address"), environment().origin + request.path.removesuffix("sheet.pdf")),
        (_("Name"), root.name),
        (_("Ends"), format_date(in_facility(root.ends).date(), request.display.calendar, language)),
    ]
    frame = Frame(_("So that browsers trust Sekisho"), row.name if row else "", today, language, facts)
    data: dict[str, Json] = {
        "label": _("Fingerprint of the root certificate (SHA-256)"),
        "lines": [" ".join(line) for line in root.lines],
        "before": _(
            "Open the address and download the file. The browser warns that once. Before you install the file, "
            "compare its fingerprint with this one, or ask the system operator to read it out by telephone."
        ),
        "steps": [[title, *steps] for title, steps in devices()],
    }
    return _file(make_pdf(_TEMPLATE, frame, data), "application/pdf", "sekisho-trust.pdf")


def devices() -> list[tuple[str, list[str]]]:
    """Return what to do on each kind of device, in the reader's words; the page says more."""
    return [
        (
            _("Windows (Edge, Chrome)"),
            [
                _("Open the file and choose “Install Certificate”, then “Local Machine”."),
                _("Place it in “Trusted Root Certification Authorities”."),
            ],
        ),
        (
            _("Mac (Safari, Chrome)"),
            [_("Open the file, add it to the keychain “System”, open it there and choose “Always Trust”.")],
        ),
        (
            _("iPhone and iPad"),
            [
                _("Download the profile with Safari and install it under “Settings”, “Profile Downloaded”."),
                _("Switch it on under “General”, “About”, “Certificate Trust Settings”."),
            ],
        ),
        (
            _("Android"),
            [_("“Settings”, “Security”, “Install a certificate”, “CA certificate”; choose the file.")],
        ),
        (
            _("Chromebook"),
            [_("In Chrome open chrome://certificate-manager, “Custom”, “Trusted certificates”, and import the file.")],
        ),
        (
            _("Firefox"),
            [_("“Settings”, “Privacy & Security”, “View Certificates”, “Authorities”, “Import”.")],
        ),
    ]


def _root() -> Root:
    found = handed_out(environment())
    if found is None:
        raise NotFound
    return found


def _spoken(root: Root) -> str:
    return " ".join(" ".join(line) for line in root.lines)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
