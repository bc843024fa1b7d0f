"""Applying for an exception, and mending one that was sent back."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.claims import ExceptionForm
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.exceptions import WORKFLOW
from sekisho.governance.services.exceptions import amend_exception, open_exception
from sekisho.governance.views.amending import mending_of, not_sent_back
from sekisho.governance.views.sending import answer_claim, leaf_of, leaf_title, sent
from sekisho.governance.views.wording import SUBJECT_KINDS
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict
from sekisho.ledgers.queries import get_application
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_TEMPLATE = "governance/exception.html"


@require_http_methods(_METHODS)
@allow(GovernanceAction.EXCEPT)
def apply(request: Request, requirement_id: str) -> HttpResponse:
    """Apply for the approval of an exception."""
    leaf = leaf_of(CURRENT, requirement_id)
    form = ExceptionForm(
        *sent(request),
        subjects=subjects_of(leaf.judged_per),
        initial={"subjects": request.GET.getlist("subject")},
    )

    def act() -> UUID:
        draft = form.draft(leaf.id, CURRENT)
        return open_exception(
            actor=request.actor, draft=draft, files=form.new_files(), comment=form.cleaned_data["comment"]
        )

    return answer_claim(request, form, act, _TEMPLATE, _context(request, leaf), drafts=WORKFLOW)


@require_http_methods(_METHODS)
@allow(GovernanceAction.EXCEPT)
def amend(request: Request, application_id: UUID) -> HttpResponse:
    """Mend one's own exception that was sent back, and apply again."""
    mending = mending_of(request, application_id, {WORKFLOW})
    if request.method != "POST" and not mending.is_open:
        return not_sent_back(request, application_id)
    edition_id = mending.content["edition"]
    leaf = leaf_of(edition_id, mending.key)
    options = mending.form_options(_initial(mending.content))
    form = ExceptionForm(*sent(request), subjects=subjects_of(leaf.judged_per), **options)
    send = partial(_send, request, application_id, leaf, edition_id, form)
    return answer_claim(request, form, send, _TEMPLATE, {**_context(request, leaf), **mending.context})


def _initial(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "subjects": [subject["id"] for subject in content["subjects"]],
        "reason": content["reason"],
        "substitute": content["substitute"],
        "valid_until": date.fromisoformat(content["valid_until"]),
    }


def _send(request: Request, application_id: UUID, leaf: Requirement, edition_id: str, form: ExceptionForm) -> UUID:
    try:
        amend_exception(
            actor=request.actor,
            application_id=application_id,
            version=form.cleaned_data["version"],
            draft=form.draft(leaf.id, edition_id),
            files=form.new_files(),
            keep=form.kept_places(),
            comment=form.cleaned_data["comment"],
        )
    except Conflict:
        offer_again(form, get_application(request.actor, application_id).version)
        raise
    return application_id


def _context(request: Request, leaf: Requirement) -> dict[str, Any]:
    language = request.display.language
    return {
        "requirement": leaf,
        "title": leaf_title(leaf, language),
        "explanation": leaf.explanation.text(language),
        "nothing_to_judge": not subjects_of(leaf.judged_per),
        "judged_per": SUBJECT_KINDS[leaf.judged_per],
        "cancel_url": reverse("governance:requirement", args=[leaf.id]),
    }
