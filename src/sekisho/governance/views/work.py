"""Who looks after a requirement and by when, and what people remark on it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.work import CommentForm, PlanForm, StrikeForm
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.work import Work, comment_on, work_on, workers
from sekisho.governance.services.work import add_comment, settle_work, strike_comment
from sekisho.governance.views.requirements import requirement_page
from sekisho.governance.views.sending import leaf_of, leaf_title
from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.ui.forms import offer_again
from sekisho.ui.parts import Change
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(GovernanceAction.ASSIGN)
def settle(request: Request, requirement_id: str) -> HttpResponse:
    """Say who looks after a requirement and by when; what somebody else said meanwhile is shown, not overwritten."""
    leaf = leaf_of(CURRENT, requirement_id)
    work = work_on(leaf.id)
    people = _offered(work)
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        people=people,
        initial={"assignee": work.assignee_id, "due_on": work.due_on, "version": work.version},
    )
    context: dict[str, Any] = {"requirement": leaf, "title": leaf_title(leaf, request.display.language), "form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                version = form.cleaned_data["version"]
                settle_work(actor=request.actor, requirement_id=leaf.id, version=version, plan=form.plan())
            except InvalidInput as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            except Conflict as error:
                status = error.status
                context |= _conflict(form, work_on(leaf.id), dict(people), error)
            else:
                messages.success(request, _("It was kept who looks after it, and by when."))
                return redirect(f"{reverse('governance:requirement', args=[leaf.id])}#work")
    return render(request, "governance/settle.html", context, status=status)


def _offered(work: Work) -> list[tuple[str, str]]:
    """Return who can be chosen; who looks after it now stays on the list."""
    found = {person.id: person.name for person in workers()}
    if work.assignee_id:
        found.setdefault(work.assignee_id, work.assignee_name)
    return list(found.items())


def _conflict(form: PlanForm, stored: Work, names: dict[str, str], error: Conflict) -> dict[str, Any]:
    """Set what is stored now against what was typed; sending the form again then stores it over that."""
    offer_again(form, stored.version)
    plan = form.plan()
    changes = [
        Change(form["assignee"].label, stored.assignee_name or None, names.get(plan.assignee_id)),
        Change(form["due_on"].label, stored.due_on, plan.due_on),
    ]
    return {"conflict": error.text, "changes": [change for change in changes if change.state != "same"]}


@require_POST
@allow(GovernanceAction.COMMENT)
def comment(request: Request, requirement_id: str) -> HttpResponse:
    """Keep a comment."""
    leaf = leaf_of(CURRENT, requirement_id)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            add_comment(actor=request.actor, requirement_id=leaf.id, text=form.cleaned_data["text"])
        except InvalidInput as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("The comment was kept."))
            return redirect(f"{reverse('governance:requirement', args=[leaf.id])}#comments")
    return requirement_page(request, leaf.id, form, status=422)


@require_http_methods(_METHODS)
@allow(GovernanceAction.STRIKE_COMMENT)
def strike(request: Request, requirement_id: str, comment_id: UUID) -> HttpResponse:
    """Ask for the reason, then strike out one's own comment."""
    leaf = leaf_of(CURRENT, requirement_id)
    found = comment_on(leaf.id, comment_id)
    form = StrikeForm(request.POST if request.method == "POST" else None)
    back = f"{reverse('governance:requirement', args=[leaf.id])}#comments"
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                strike_comment(actor=request.actor, requirement_id=leaf.id, comment_id=comment_id, reason=reason)
            except (InvalidInput, Conflict) as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(request, _("The comment was struck out."))
                return redirect(back)
    title = leaf_title(leaf, request.display.language)
    context = {"requirement": leaf, "title": title, "comment": found, "form": form, "cancel_url": back}
    return render(request, "governance/strike.html", context, status=status)
