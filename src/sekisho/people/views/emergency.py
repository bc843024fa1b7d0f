"""Emergency accounts: list, one of them, and what is done with it."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.kernel.access import Role, allow
from sekisho.kernel.errors import Conflict
from sekisho.people.actions import EmergencyAction
from sekisho.people.forms.emergency import EnvelopeForm, ReturnForm, ReviewForm
from sekisho.people.forms.people import RequiredReasonForm
from sekisho.people.models import EmergencySeal, EmergencyUse
from sekisho.people.queries import emergency as queries
from sekisho.people.rules.emergency import OPENED, WAITING, SealState, check_due_at, review_until
from sekisho.people.services import emergency
from sekisho.people.views.rights import Question
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import Search, events
from sekisho.register.views.events import event_table, session_link
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.parts import Align, Badge, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]
_KINDS = {
    SealState.READY: Kind.OK,
    SealState.CHECK_DUE: Kind.WARN,
    SealState.IN_USE: Kind.NG,
    SealState.TIME_UP: Kind.NG,
    SealState.TO_REVIEW: Kind.WARN,
    SealState.DONE: Kind.NEUTRAL,
    SealState.WITHDRAWN: Kind.NEUTRAL,
}


@require_safe
@allow(EmergencyAction.VIEW)
def list_seals(request: Request) -> HttpResponse:
    """Show the sealed credentials with their state."""
    page = queries.seals(page_number(request.GET))
    titles = (_("Stored place"), _("State"), _("Last look at the envelope"), _("Used at"))
    context = {
        "page_title": _("Emergency accounts"),
        "columns": [TableColumn(_("No."), Align.CODE, is_row_heading=True), *(TableColumn(title) for title in titles)],
        "rows": [_row(seal) for seal in page.object_list],
        "page": PagePosition(page.number, page.paginator.num_pages, page.paginator.count),
        "may_make": request.actor.may(EmergencyAction.MAKE),
    }
    return render(request, "people/emergency_list.html", context)


def _row(seal: EmergencySeal) -> list[object]:
    link = Link(seal.number, reverse("people:emergency", args=[seal.pk]))
    return [link, seal.place, _badge(seal), seal.checked_at, seal.opened_at]


def _badge(seal: EmergencySeal) -> Badge:
    state = queries.seal_state(seal)
    return Badge(_KINDS[state], state.label)


@require_safe
@allow(EmergencyAction.VIEW)
def show_seal(request: Request, seal_id: UUID) -> HttpResponse:
    """Show one sealed credential: what it is, who looked at it, who used it and what they did."""
    seal = queries.find_seal(seal_id)
    state, successor = queries.seal_state(seal), queries.successor_of(seal)
    uses = queries.uses_of(seal)
    context = {
        "page_title": seal.number,
        "seal": seal,
        "state": state,
        "facts": _facts(seal, state, successor),
        "acts": list(_acts(request, seal, state)),
        "to_renew": successor is None and state not in {*WAITING, *OPENED} and request.actor.may(EmergencyAction.MAKE),
        "checks": _checks(seal),
        "uses": _uses(uses),
        "done": _what_was_done(request, uses),
    }
    return render(request, "people/emergency.html", context)


def _facts(seal: EmergencySeal, state: SealState, successor: EmergencySeal | None) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        (_("State"), _badge(seal)),
        (_("Stored place"), seal.place),
        (_("Roles it opens"), _(", ").join(str(role.label) for role in Role if role in queries.roles_of_seal(seal))),
        (_("Time limit (hours)"), seal.hours),
        (_("Made out by"), seal.made_by),
        (_("Made at"), seal.made_at),
    ]
    if state in WAITING:
        facts.append((_("Next look at the envelope by"), check_due_at(queries.facts_of(seal))))
    if seal.opened_at is not None:
        facts += [(_("Used at"), seal.opened_at), (_("Time limit ends"), seal.limit_at)]
        facts += [(_("To be reviewed by"), review_until(seal.opened_at))]
    facts += _end_facts(seal)
    if successor is not None:
        facts.append((_("Replaced by"), Link(successor.number, reverse("people:emergency", args=[successor.pk]))))
    return facts


def _end_facts(seal: EmergencySeal) -> Iterable[tuple[str, object]]:
    if seal.withdrawn_at is not None:
        yield from ((_("Withdrawn at"), seal.withdrawn_at), (_("Reason"), seal.withdrawn_reason))
    if seal.returned_at is not None:
        yield from ((_("Returned to normal at"), seal.returned_at), (_("Returned to normal by"), seal.returned_by))
        yield (_("How things went back to normal"), seal.return_note)
    if seal.reviewed_at is not None:
        yield from ((_("Reviewed at"), seal.reviewed_at), (_("Reviewed by"), seal.reviewed_by))
        yield (_("Result of the review"), _needed(seal))
        yield (_("What was looked at, and what follows from it"), seal.review_result)


def _needed(seal: EmergencySeal) -> Badge:
    return Badge(Kind.OK, _("needed")) if seal.was_justified else Badge(Kind.NG, _("not needed"))


def _acts(request: Request, seal: EmergencySeal, state: SealState) -> Iterable[tuple[str, str]]:
    """Yield what this person can do with the credential now: words and address."""
    offered = (
        (WAITING, EmergencyAction.CHECK, "check", _("Confirm the envelope")),
        (WAITING, EmergencyAction.WITHDRAW, "withdraw", _("Withdraw")),
        (OPENED, EmergencyAction.RETURN, "return", _("Return to normal")),
        ({SealState.TO_REVIEW}, EmergencyAction.REVIEW, "review", _("Review the use")),
    )
    for states, action, name, words in offered:
        if state in states and request.actor.may(action):
            yield words, reverse(f"people:emergency-{name}", args=[seal.pk])


def _checks(seal: EmergencySeal) -> dict[str, Any]:
    titles = (_("When"), _("Who"), _("The envelope"), _("Remarks"))
    intact, broken = Badge(Kind.OK, _("intact")), Badge(Kind.NG, _("not intact"))
    rows = [
        [row.checked_at, row.checked_by, intact if row.is_intact else broken, row.note]
        for row in queries.envelope_checks(seal)
    ]
    return {"columns": [TableColumn(title) for title in titles], "rows": rows}


def _uses(uses: Iterable[EmergencyUse]) -> dict[str, Any]:
    titles = (_("When"), _("Name as written"), _("Known as"), _("What has happened"), _("Declared emergency"))
    columns = [*(TableColumn(title) for title in titles), TableColumn(_("Session"), Align.CODE)]
    rows = [
        [use.started_at, use.name, use.staff or _("nobody"), use.reason, _declared(use), session_link(str(use.session))]
        for use in uses
    ]
    return {"columns": columns, "rows": rows}


def _declared(use: EmergencyUse) -> object:
    if use.declared is None:
        return Badge(Kind.UNKNOWN, _("cannot tell"))
    return use.declared or Badge(Kind.NG, _("none was in force"))


def _what_was_done(request: Request, uses: Iterable[EmergencyUse]) -> dict[str, Any] | None:
    """Return the table of what the register holds of these sessions, newest first; None without the right to see it."""
    if not request.actor.may(RegisterAction.VIEW):
        return None
    found = [event for use in uses for event in events(Search(session=str(use.session))).events]
    return event_table(sorted(found, key=lambda event: event.occurred_at, reverse=True), request.display)


@require_http_methods(_METHODS)
@allow(EmergencyAction.CHECK)
def check(request: Request, seal_id: UUID) -> HttpResponse:
    """Ask what was found at the envelope."""
    question = Question(
        title=_("Confirm the envelope"),
        text=_("Look at the envelope itself: where it lies, its closure, the signs across its edges."),
        submit=_("Confirm with my name"),
        done=_("What you found was recorded."),
    )
    form = EnvelopeForm(request.POST if request.method == "POST" else None)
    return _ask(request, seal_id, question, form, emergency.check_seal)


@require_http_methods(_METHODS)
@allow(EmergencyAction.WITHDRAW)
def withdraw(request: Request, seal_id: UUID) -> HttpResponse:
    """Withdraw a credential that was never used."""
    question = Question(
        title=_("Withdraw the emergency credential"),
        text=_("Its secret stops working at once, for good. Destroy the envelope and make a new one."),
        submit=_("Withdraw"),
        done=_("It was withdrawn. Make a new one."),
        danger=True,
    )
    form = RequiredReasonForm(request.POST if request.method == "POST" else None)
    return _ask(request, seal_id, question, form, emergency.withdraw_seal)


@require_http_methods(_METHODS)
@allow(EmergencyAction.RETURN)
def return_to_normal(request: Request, seal_id: UUID) -> HttpResponse:
    """End the emergency use."""
    question = Question(
        title=_("Return to normal"),
        text=_("Its sessions end at once, and its secret never works again. Then make a new sealed credential."),
        submit=_("Return to normal"),
        done=_("Back to normal. Make a new sealed credential; the use waits for its review."),
        danger=True,
    )
    form = ReturnForm(request.POST if request.method == "POST" else None)
    return _ask(request, seal_id, question, form, emergency.return_to_normal)


@require_http_methods(_METHODS)
@allow(EmergencyAction.REVIEW)
def review(request: Request, seal_id: UUID) -> HttpResponse:
    """Write down what the review found."""
    question = Question(
        title=_("Review the use"),
        text=_("Compare what the register holds of the sessions with the reason that was given."),
        submit=_("Store the result with my name"),
        done=_("The result of the review was recorded."),
    )
    form = ReviewForm(request.POST if request.method == "POST" else None)
    return _ask(request, seal_id, question, form, emergency.review_use)


def _ask(
    request: Request, seal_id: UUID, question: Question, form: forms.Form, act: Callable[..., EmergencySeal]
) -> HttpResponse:
    """Ask, then act; a refusal is shown with what was typed still in its boxes."""
    seal, status = queries.find_seal(seal_id), 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=request.actor, seal_id=seal_id, **form.cleaned_data)
        except Conflict as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, question.done)
            return redirect("people:emergency", seal_id)
    context = {"seal": seal, "question": question, "form": form, "page_title": question.title}
    return render(request, "people/emergency_question.html", context, status=status)
