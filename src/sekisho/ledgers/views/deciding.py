"""Pages that ask before an application is approved, sent back, withdrawn, or its approval revoked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, SekishoError
from sekisho.ledgers import queries, services
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.forms.steps import CommentForm, StepForm
from sekisho.ledgers.models import Application
from sekisho.ledgers.rules import NEEDS_COMMENT, State, Step
from sekisho.ledgers.views.context import (
    Standing,
    file_columns,
    rights_by_key,
    standing_of,
    state_badge,
    version_of,
)
from sekisho.register.services import record_refusal
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks before a step, what follows from the step, and what is said once it is done."""

    step: Step
    action: LedgersAction
    act: Callable[..., Application]
    heading: Promise
    title: Promise
    submit: Promise
    done: Promise
    consequences: tuple[Promise, ...] = field(default=())
    danger: bool = False


_APPROVE = Question(
    step=Step.APPROVE,
    action=LedgersAction.APPROVE,
    act=services.approve,
    heading=_("Approve “%(title)s”"),
    title=_("Approve this application?"),
    submit=_("Approve"),
    done=_("“%(title)s” was approved."),
    consequences=(
        _("It counts from now on, exactly as it is written above."),
        _("Your name, the time and your comment are kept. The approval can be revoked later."),
    ),
)
_SEND_BACK = Question(
    step=Step.SEND_BACK,
    action=LedgersAction.SEND_BACK,
    act=services.send_back,
    heading=_("Send back “%(title)s”"),
    title=_("Send this application back?"),
    submit=_("Send back"),
    done=_("“%(title)s” was sent back to the applicant."),
    consequences=(
        _("The applicant reads your comment and can mend the application and apply again."),
        _("What was submitted this time stays in the history."),
    ),
)
_WITHDRAW = Question(
    step=Step.WITHDRAW,
    action=LedgersAction.WITHDRAW,
    act=services.withdraw,
    heading=_("Withdraw “%(title)s”"),
    title=_("Withdraw this application?"),
    submit=_("Withdraw"),
    done=_("“%(title)s” was withdrawn."),
    consequences=(
        _("Nobody decides about it any more. It cannot be taken up again; make a new application instead."),
        _("What was submitted stays in the history."),
    ),
    danger=True,
)
_REVOKE = Question(
    step=Step.REVOKE,
    action=LedgersAction.REVOKE,
    act=services.revoke,
    heading=_("Revoke the approval of “%(title)s”"),
    title=_("Revoke this approval?"),
    submit=_("Revoke the approval"),
    done=_("The approval of “%(title)s” was revoked."),
    consequences=(
        _("From now on it counts no more, and what rests on it is judged anew."),
        _("It cannot be approved again; a new application is needed."),
        _("What was approved, and when, stays in the history."),
    ),
    danger=True,
)
_OWN_APPROVAL = _("You approve your own application because nobody else can now. This is marked wherever it is shown.")
_AGAIN = _("You approve once more because nobody else can give this approval. This is marked wherever it is shown.")
_STANDS_IN = _("You decide for %(name)s. Both names are kept.")
_ONE_OF_SEVERAL = _("It counts once all the approvals of its route are given.")
_PART_DONE = _("Your approval of “%(title)s” was stored. Others have to approve it before it counts.")


@require_http_methods(_METHODS)
@allow(LedgersAction.APPROVE)
def approve(request: Request, application_id: UUID) -> HttpResponse:
    """Ask, then approve."""
    return _ask(request, application_id, _APPROVE)


@require_http_methods(_METHODS)
@allow(LedgersAction.SEND_BACK)
def send_back(request: Request, application_id: UUID) -> HttpResponse:
    """Ask why, then send back."""
    return _ask(request, application_id, _SEND_BACK)


@require_http_methods(_METHODS)
@allow(LedgersAction.WITHDRAW)
def withdraw(request: Request, application_id: UUID) -> HttpResponse:
    """Ask, then withdraw."""
    return _ask(request, application_id, _WITHDRAW)


@require_http_methods(_METHODS)
@allow(LedgersAction.REVOKE)
def revoke(request: Request, application_id: UUID) -> HttpResponse:
    """Ask why, then revoke the approval."""
    return _ask(request, application_id, _REVOKE)


def _ask(request: Request, application_id: UUID, question: Question) -> HttpResponse:
    """Ask before the step, then take it; a refusal is shown with the comment still in its box."""
    application = queries.get_application(request.actor, application_id)
    standing = standing_of(request.actor, application, queries.workflow_of(application))
    is_sent = request.method == "POST"
    if not is_sent and question.step not in standing.steps:
        messages.error(request, gettext("This step is not open to you, or the application has moved on."))
        return redirect("ledgers:application", application_id)
    approves = question.step is Step.APPROVE
    unusual = approves and bool(standing.rights) and all(right.own or right.again for right in standing.rights)
    form = StepForm(
        request.POST if is_sent else None,
        initial={"version": application.version},
        comment_needed=unusual or question.step in NEEDS_COMMENT,
        rights=rights_by_key(standing, queries.workflow_of(application)) if approves else (),
    )
    status = 422 if is_sent else 200
    if is_sent and form.is_valid():
        try:
            decided = question.act(actor=request.actor, application_id=application_id, **form.cleaned_data)
        except (Conflict, Forbidden, InvalidInput) as error:
            application = queries.get_application(request.actor, application_id)
            status = _refused(request, question, form, application, error)
        else:
            done = _PART_DONE if approves and decided.state == State.SUBMITTED else question.done
            messages.success(request, str(done) % {"title": application.title})
            return redirect("ledgers:application", application_id)
    return _page(request, question, form, application, standing, status)


def _refused(
    request: Request, question: Question, form: StepForm, application: Application, error: SekishoError
) -> int:
    """Show the error at the form, ready to be sent again. Who tried what they may not do stands in the register."""
    if isinstance(error, Forbidden):
        record_refusal(actor=request.actor, action=question.action, code=error.code)
    form.add_error(error.field if error.field in form.fields else None, str(error))
    offer_again(form, application.version)
    return error.status


def _page(
    request: Request, question: Question, form: StepForm, application: Application, standing: Standing, status: int
) -> HttpResponse:
    workflow = queries.workflow_of(application)
    context = {
        "application": application,
        "workflow": workflow,
        "state": state_badge(application),
        "submitted": version_of(application, workflow, queries.submissions_of(application)[0]),
        "file_columns": file_columns(),
        "question": question,
        "heading": str(question.heading) % {"title": application.title},
        "consequences": _consequences(question, standing, workflow),
        "form": form,
    }
    return render(request, "ledgers/step.html", context, status=status)


def _consequences(question: Question, standing: Standing, workflow: Workflow) -> list[str]:
    """Return what follows from the step, with what is unusual about this reader taking it."""
    said = [str(line) for line in question.consequences]
    if question.step is not Step.APPROVE:
        return said
    if workflow.route:
        said[0] = str(_ONE_OF_SEVERAL)
    said += [str(_OWN_APPROVAL)] if any(right.own for right in standing.rights) else []
    said += [str(_AGAIN)] if any(right.again and not right.own for right in standing.rights) else []
    names = dict.fromkeys(right.for_name for right in standing.rights if right.for_name)
    return said + [str(_STANDS_IN) % {"name": name} for name in names]


@require_http_methods(_METHODS)
@allow(LedgersAction.COMMENT)
def comment(request: Request, application_id: UUID) -> HttpResponse:
    """Write something to an application without deciding."""
    application = queries.get_application(request.actor, application_id)
    form = CommentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.comment_on(actor=request.actor, application_id=application_id, **form.cleaned_data)
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Your comment was added."))
            return redirect("ledgers:application", application_id)
    context = {"application": application, "state": state_badge(application), "form": form}
    return render(request, "ledgers/comment.html", context, status=422 if form.is_bound else 200)
