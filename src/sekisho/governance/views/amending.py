"""Mending a claim that was sent back: the same form, filled with what was submitted last."""

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
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


@dataclass(frozen=True, slots=True)
class Mending:
    """One's own application, with what was submitted last. ``context`` is what the page says around the form.

    ``is_open`` tells that it was sent back; ``options`` are its version and files, for the form.
    """

    workflow: str
    key: str
    content: _Content
    is_open: bool
    options: Mapping[str, Any]
    context: Mapping[str, Any]

    def form_options(self, initial: Mapping[str, Any]) -> dict[str, Any]:
        """Return what fills the form, with ``initial`` as read from the content."""
        return {**self.options, "initial": {**initial, **self.options["initial"]}}


@require_http_methods(["GET", "HEAD", "POST"])
@allow(GovernanceAction.ATTEST)
def amend(request: Request, application_id: UUID) -> HttpResponse:
    """Mend one's own claim that was sent back, and apply again."""
    mending = mending_of(request, application_id, set(ClaimKind))
    if request.method != "POST" and not mending.is_open:
        return not_sent_back(request, application_id)
    kind = ClaimKind(mending.workflow)
    build = _document_page if kind is ClaimKind.DOCUMENT else _claim_page
    options = mending.form_options(_initial(mending.content))
    form, template, context = build(request, kind, mending.content, options)
    send = partial(_send, request, application_id, mending.content, form)
    return answer_claim(request, form, send, template, {**context, **mending.context})


def mending_of(request: Request, application_id: UUID, workflows: Container[str]) -> Mending:
    """Return the reader's own application of one of ``workflows``. Raises NotFound, NotTheApplicant."""
    application = get_application(request.actor, application_id)
    if application.workflow not in workflows:
        raise NotFound
    if not same_person(request.actor.id, application.applicant_id):
        raise NotTheApplicant(action=LedgersAction.AMEND, name=application.applicant_name)
    newest = submissions_of(application)[0]
    files = sorted(newest.files.all(), key=lambda file: file.place)
    sent_back = [found for found in newest.decisions.all() if found.step == Step.SEND_BACK]
    return Mending(
        workflow=application.workflow,
        key=application.key,
        content=json.loads(newest.content),
        is_open=application.state == State.SENT_BACK,
        options={
            "initial": {"version": application.version, "keep": [str(file.place) for file in files]},
            "present_files": [(str(file.place), f"{file.name} ({filesizeformat(file.size)})") for file in files],
        },
        context={
            "application": application,
            "sent_back": sent_back[-1] if sent_back else None,
            "cancel_url": reverse("ledgers:application", args=[application_id]),
        },
    )


def not_sent_back(request: Request, application_id: UUID) -> HttpResponse:
    """Send the reader to the application and say that there is nothing to mend."""
    messages.error(request, _("Only an application that was sent back can be mended."))
    return redirect("ledgers:application", application_id)


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
