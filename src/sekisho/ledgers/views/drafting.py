"""What a form of an application does with drafts: offer the one it was opened from, keep it, forget it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _

from sekisho.kernel.errors import Conflict, InvalidInput, NotFound
from sekisho.ledgers.models import ApplicationDraft
from sekisho.ledgers.queries.drafts import drafts_of, get_draft
from sekisho.ledgers.services.drafts import drop_application_draft, keep_application_draft
from sekisho.ledgers.views.drafts import way_back
from sekisho.ui.request import Request

_NEVER_KEPT = {"version"}


def _draft_id(request: Request) -> UUID | None:
    """Return the draft that the address names. Raises NotFound for what is no id."""
    word = request.GET.get("draft", "")
    try:
        return UUID(word) if word else None
    except ValueError:
        raise NotFound from None


def draft_context(request: Request, form: forms.Form) -> dict[str, Any]:
    """Fill an open form from the draft that its address names; return what its page says of drafts. Raises NotFound.

    A form that is sent goes on although its draft is gone: what was typed is not lost for that.
    """
    draft_id = _draft_id(request)
    if draft_id is None:
        return {"can_draft": True}
    if request.method == "POST":
        return {"can_draft": True, "draft": drafts_of(request.actor).filter(pk=draft_id).first()}
    draft = get_draft(request.actor, draft_id)
    if draft.address != _address(request):
        raise NotFound
    known = {name: values for name, values in draft.fields.items() if name in form.fields}
    form.initial.update({name: _initial(form, name, values) for name, values in known.items()})
    return {"can_draft": True, "draft": draft}


def _initial(form: forms.Form, name: str, values: list[str]) -> Any:
    return values if isinstance(form.fields[name], forms.MultipleChoiceField) else "".join(values[:1])


def keep_draft(request: Request, form: forms.Form, workflow: str, title: str) -> tuple[str, int]:
    """Keep what was typed, whatever is still missing.

    Return where one goes on, empty when it was refused, and the status of the answer.
    """
    fields = {name: request.POST.getlist(name) for name in form.fields if name not in _NEVER_KEPT}
    given: dict[str, Any] = {"workflow": workflow, "address": _address(request), "title": title}
    try:
        kept = keep_application_draft(actor=request.actor, fields=fields, draft_id=_draft_id(request), **given)
    except (InvalidInput, Conflict) as error:
        form.errors.clear()
        form.add_error(None, str(error))
        return "", error.status
    messages.success(request, _("The draft was kept. Nobody else sees it before you apply."))
    if request.FILES:
        messages.warning(request, _("Files are not kept in a draft. Attach them when you apply."))
    return way_back(get_draft(request.actor, kept)), 200


def forget_draft(request: Request) -> None:
    """Throw away the draft from which somebody has just applied."""
    draft_id = _draft_id(request)
    if draft_id is not None and ApplicationDraft.objects.filter(pk=draft_id).exists():
        drop_application_draft(actor=request.actor, draft_id=draft_id)


def _address(request: Request) -> str:
    """Return the address of the form itself: without the draft, with what else it was opened for."""
    asked = [(name, value) for name, values in request.GET.lists() if name != "draft" for value in values]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path
