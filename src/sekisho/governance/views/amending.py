"""Mending a claim that was sent back: the same form, filled with what was submitted last."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.claims import ClaimForm
from sekisho.governance.queries.editions import papers
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.services.claims import amend_claim
from sekisho.governance.views.claims import CLAIM_TEMPLATE, claim_context, claim_form
from sekisho.governance.views.documents import HAND_IN_TEMPLATE, asking_for, document_form, paper_context
from sekisho.governance.views.sending import answer_claim, leaf_of
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import NotTheApplicant
from sekisho.ledgers.queries import get_application, same_person, submissions_of
from sekisho.ledgers.rules import State, Step
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request

_Content = Mapping[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@allow(GovernanceAction.ATTEST)
def amend(request: Request, application_id: UUID) -> HttpResponse:
    """Mend one's own claim that was sent back, and apply again."""
    application = get_application(request.actor, application_id)
    if application.workflow not in set(ClaimKind):
        raise NotFound
    if not same_person(request.actor.id, application.applicant_id):
        raise NotTheApplicant(action=LedgersAction.AMEND, name=application.applicant_name)
    if request.method != "POST" and application.state != State.SENT_BACK:
        messages.error(request, _("Only an application that was sent back can be mended."))
        return redirect("ledgers:application", application_id)
    kind, newest = ClaimKind(application.workflow), submissions_of(application)[0]
    content: _Content = json.loads(newest.content)
    files = sorted(newest.files.all(), key=lambda file: file.place)
    options = {
        "initial": {**_initial(content), "version": application.version, "keep": [str(file.place) for file in files]},
        "present_files": [(str(file.place), f"{file.name} ({filesizeformat(file.size)})") for file in files],
    }
    build = _document_page if kind is ClaimKind.DOCUMENT else _claim_page
    form, template, context = build(request, kind, content, options)
    sent_back = [found for found in newest.decisions.all() if found.step == Step.SEND_BACK]
    context |= {
        "application": application,
        "sent_back": sent_back[-1] if sent_back else None,
        "cancel_url": reverse("ledgers:application", args=[application_id]),
    }
    return answer_claim(request, form, lambda: _send(request, application_id, content, form), template, context)


def _initial(content: _Content) -> dict[str, Any]:
    return {
        "subjects": [subject["id"] for subject in content["subjects"]],
        "requirements": list(content["requirements"]),
        "statement": content["statement"],
        "kept_at": content["kept_at"],
        "valid_until": date.fromisoformat(content["valid_until"]),
        "document_version": content.get("document_version", ""),
    }


def _claim_page(
    request: Request, kind: ClaimKind, content: _Content, options: Mapping[str, Any]
) -> tuple[ClaimForm, str, dict[str, Any]]:
    leaf = leaf_of(content["edition"], next(iter(content["requirements"])))
    form = claim_form(request, content["edition"], leaf, kind, **options)
    return form, CLAIM_TEMPLATE, claim_context(request, leaf, kind)


def _document_page(
    request: Request, _kind: ClaimKind, content: _Content, options: Mapping[str, Any]
) -> tuple[ClaimForm, str, dict[str, Any]]:
    """The items are those that are judged per the same kind of subject as the ones chosen before."""
    paper = papers(content["edition"]).get(content["document"])
    if paper is None:
        raise NotFound
    first = leaf_of(content["edition"], next(iter(content["requirements"])))
    per = first.judged_per if paper.per == "subject" else None
    asking = asking_for(paper.id, content["edition"])
    items = [pair for pair in asking if per in {None, pair[0].judged_per}]
    return document_form(request, items, per, **options), HAND_IN_TEMPLATE, paper_context(request, paper, per)


def _send(request: Request, application_id: UUID, content: _Content, form: ClaimForm) -> UUID:
    """Mend the claim. What it is about stays: a document its own, a requirement the one applied for."""
    draft = form.draft(list(content["requirements"]), content["edition"], content.get("document", ""))
    try:
        amend_claim(
            actor=request.actor,
            application_id=application_id,
            version=form.cleaned_data["version"],
            draft=draft,
            files=form.new_files(),
            keep=form.kept_places(),
            comment=form.cleaned_data["comment"],
        )
    except Conflict:
        offer_again(form, get_application(request.actor, application_id).version)
        raise
    return application_id
