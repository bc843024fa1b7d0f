"""Pages of the endpoints as they were seen: the list, and one endpoint with what is registered for it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.search import fold, search_words
from sekisho.network.actions import NetworkAction
from sekisho.network.controls import mutual_tls, tls, tls_certificates
from sekisho.network.models import Probe, Registration
from sekisho.network.queries.endpoint_findings import Looks
from sekisho.network.queries.registration import (
    NOTHING,
    Registered,
    endpoint_subject,
    facts_of_pem,
    looked_at_endpoints,
    registration_of,
    registrations,
)
from sekisho.network.queries.sightings import LookedAt, newest_sightings, registered
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.observation import Certificate
from sekisho.network.rules.registration import counts_on
from sekisho.network.rules.sources import source_words
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn, Words
from sekisho.ui.request import Request

PAGE_SIZE = 50
_LEVELS = {Level.OK: Kind.OK, Level.WARN: Kind.WARN, Level.NG: Kind.NG, Level.UNKNOWN: Kind.UNKNOWN}
_OUTCOMES: Mapping[Outcome, Badge] = {
    Outcome.PASS: Badge(Kind.OK, Level.OK.label),
    Outcome.FAIL: Badge(Kind.NG, Level.NG.label),
    Outcome.UNKNOWN: Badge(Kind.UNKNOWN, Level.UNKNOWN.label),
    Outcome.ERROR: Badge(Kind.UNKNOWN, Level.UNKNOWN.label),
    Outcome.NOT_APPLICABLE: Badge(Kind.NEUTRAL, gettext_lazy("Not applicable")),
}
_RULES: Sequence[tuple[Words, Any]] = (
    (gettext_lazy("TLS settings"), tls),
    (gettext_lazy("Server certificate"), tls_certificates),
    (gettext_lazy("Client certificates required"), mutual_tls),
)
_ENDED = Badge(Kind.WARN, gettext_lazy("It has run out and counts no more"))
_OUTDATED = Badge(Kind.WARN, gettext_lazy("It has run out"))
_NOT_LOOKED_AT = Badge(Kind.NEUTRAL, gettext_lazy("Not looked at"), "…")


@require_safe
@allow(NetworkAction.VIEW)
def list_endpoints(request: Request) -> HttpResponse:
    """Show every open endpoint with what was last seen of it."""
    text = request.GET.get("q", "")
    known = registrations()
    looked_at = {endpoint.subject.id: endpoint for endpoint in looked_at_endpoints(known)}
    subjects = registered(SubjectKind.ENDPOINT)
    matching = [one for one in subjects if all(word in fold(one.label) for word in search_words(text))]
    page = Paginator(matching, PAGE_SIZE).get_page(page_number(request.GET))
    looks = [module.looks() for _title, module in _RULES]
    context = {
        "page_title": _("Inspection of endpoints"),
        "columns": _columns(),
        "rows": [_row(one, looked_at.get(one.id), looks, known.get(one.id, NOTHING)) for one in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "searchable": len(subjects) > PAGE_SIZE or bool(text),
        "text": text,
    }
    return render(request, "network/endpoints.html", context)


def _columns() -> Sequence[TableColumn]:
    return [
        TableColumn(_("Endpoint"), is_row_heading=True),
        *(TableColumn(title) for title, _module in _RULES),
        TableColumn(_("Seen at")),
        TableColumn(_("Registered")),
    ]


def _row(subject: Subject, endpoint: LookedAt | None, looks: Sequence[Looks], known: Registered) -> Cells:
    name = Link(subject.label, reverse("network:endpoint", args=[subject.id]))
    if endpoint is None:
        return [name, *[_NOT_LOOKED_AT] * len(looks), None, None]
    findings = [one.about(endpoint) for one in looks]
    seen = [one.observed_at for one in findings if one.raw is not None]
    return [name, *(_OUTCOMES[one.outcome] for one in findings), min(seen, default=None), _in_short(known)]


def _in_short(known: Registered) -> str:
    words = [
        (known.ca_pem, _("private authority")),
        (known.server_name, _("server name")),
        (known.starttls, "STARTTLS"),
        (known.tls12_reason, _("reason for TLS 1.2")),
        (known.has_client, _("client certificate")),
        (known.restricted_by, _("other restriction")),
    ]
    return _(", ").join(str(word) for there, word in words if there)


@require_safe
@allow(NetworkAction.VIEW)
def show_endpoint(request: Request, endpoint_id: UUID) -> HttpResponse:
    """Show what is registered for one endpoint, and every remark about what was last seen of it."""
    subject, row = endpoint_subject(endpoint_id), registration_of(endpoint_id)
    endpoint = next((one for one in looked_at_endpoints() if one.subject.id == subject.id), None)
    light = newest_sightings(Probe.TLS_LIGHT).get(subject.id)
    context = {
        "page_title": subject.label,
        "subject": subject,
        "facts": _facts(row),
        "sections": [_section(title, module.looks(), endpoint) for title, module in _RULES] if endpoint else [],
        "columns": [TableColumn(_("Result"), Align.CODE), TableColumn(_("What was found"), Align.WIDE),
                    TableColumn(_("Rule"))],
        "light_at": light.observed_at if light else None,
        "has_client": bool(row.client_certificate_pem),
        "may_register": request.actor.may(NetworkAction.REGISTER_ENDPOINT),
        "may_allow": request.actor.may(NetworkAction.ALLOW_EXCEPTION),
        "may_register_client": request.actor.may(NetworkAction.REGISTER_CLIENT_CERTIFICATE),
        "may_remove_client": request.actor.may(NetworkAction.REMOVE_CLIENT_CERTIFICATE),
    }  # fmt: skip
    return render(request, "network/endpoint.html", context)


def _section(title: Words, looks: Looks, endpoint: LookedAt) -> Mapping[str, Any]:
    found = looks.about(endpoint)
    return {
        "title": title,
        "badge": _OUTCOMES[found.outcome],
        "message": found.message,
        "seen_at": found.observed_at if found.raw is not None else None,
        "rows": [_remark(one) for one in _remarks(looks, endpoint, found)],
    }


def _remarks(looks: Looks, endpoint: LookedAt, found: Finding) -> Iterable[Judged]:
    return looks.judge(endpoint, found.raw) if found.raw is not None else ()


def _remark(one: Judged) -> Cells:
    return [Badge(_LEVELS[one.level], one.level.label), one.message, source_words(one.source)]


def _facts(row: Registration) -> Sequence[tuple[Words, object]]:
    client = facts_of_pem(row.client_certificate_pem)[:1]
    return [
        (_("Server name"), row.server_name),
        (_("Turns to TLS on request (STARTTLS)"), row.get_starttls_display() if row.starttls else ""),
        *_certificates(_("Private authority"), facts_of_pem(row.ca_pem)),
        *allowed_facts(row),
        *_certificates(_("Client certificate"), client),
    ]


def allowed_facts(row: Registration) -> Sequence[tuple[Words, object]]:
    """Return what a manager allowed an endpoint, who it was and until when, for pages that only show it."""
    by: list[tuple[Words, object]] = [(_("Allowed by"), row.allowed_by), (_("Allowed at"), row.allowed_at)]
    return [
        (_("Why TLS 1.2 is still needed"), row.tls12_reason),
        (_("The reason counts until"), row.tls12_until),
        *([(_("State of the reason"), _ENDED)] if _has_ended(row) else []),
        (_("How known devices are told apart"), row.get_restriction_display()),
        (_("The other way"), row.restricted_by),
        *(by if row.allowed_by else []),
    ]


def _certificates(title: Words, certificates: Sequence[Certificate]) -> Iterable[tuple[Words, object]]:
    """Yield what people compare: whose it is, its fingerprint, and when it ends."""
    if not certificates:
        yield title, ""
    for one in certificates:
        yield title, one.subject or "?"
        yield _("Fingerprint (SHA-256)"), one.fingerprint
        yield _("Valid until"), one.not_after
        if one.not_after is not None and one.not_after < clock.now():
            yield _("State of the certificate"), _OUTDATED


def _has_ended(row: Registration) -> bool:
    today = clock.now().astimezone(FACILITY_ZONE).date()
    return bool(row.tls12_reason) and not counts_on(row.tls12_until, today)
