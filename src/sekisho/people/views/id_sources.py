"""Pages that say how the accounts of a system are read: by the headings of its files, or from a directory."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.kernel.access import allow
from sekisho.kernel.errors import Conflict
from sekisho.people.actions import IdReviewAction
from sekisho.people.forms.id_review import DirectoryForm, SourceForm, initial_of
from sekisho.people.models import SourceKind
from sekisho.people.queries import id_review as queries
from sekisho.people.services.directories import seal_password
from sekisho.people.services.id_review import SourceData, set_source
from sekisho.people.views.id_systems import system_context
from sekisho.ui.forms import offer_again
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@allow(IdReviewAction.SET_SOURCE)
def change_source(request: Request, system_id: UUID) -> HttpResponse:
    """Say by which headings the accounts of a system are read, and how often."""
    source = queries.source_of(system_id)
    form = SourceForm(request.POST if request.method == "POST" else None, initial=initial_of(source))
    data = form.source_data() if form.is_bound and form.is_valid() else None
    return _answer(request, system_id, form, data, _("It was stored. Now read in a file of the system."))


@require_http_methods(_METHODS)
@allow(IdReviewAction.SET_SOURCE)
def change_directory(request: Request, system_id: UUID) -> HttpResponse:
    """Say from which directory the accounts of a system are fetched; the job fetches them, never this page."""
    source = queries.source_of(system_id)
    first = {"version": 0} if source is None else {**source.directory, "version": source.version}
    form = DirectoryForm(request.POST if request.method == "POST" else None, initial=first)
    data = _directory_data(form, system_id) if form.is_bound and form.is_valid() else None
    return _answer(request, system_id, form, data, _("It was stored. The accounts are fetched within the hour."))


def _directory_data(form: DirectoryForm, system_id: UUID) -> SourceData:
    password, days = form.cleaned_data["password"], form.cleaned_data["interval_days"]
    sealed = seal_password(system_id, password) if password else None
    return SourceData(SourceKind.DIRECTORY, {}, form.settings().document(), days, sealed)


def _answer(request: Request, system_id: UUID, form: forms.Form, data: SourceData | None, done: str) -> HttpResponse:
    """Store what was entered; a change made by someone else meanwhile is said."""
    system, status = queries.system(system_id), 422 if form.is_bound else 200
    if data is not None:
        try:
            set_source(actor=request.actor, system_id=system_id, version=form.cleaned_data["version"], data=data)
        except Conflict as error:
            form.add_error(None, str(error))
            stored = queries.source_of(system_id)
            offer_again(form, stored.version if stored else 0)
            status = error.status
        else:
            messages.success(request, done)
            return redirect("people:system-accounts", system_id)
    is_directory = isinstance(form, DirectoryForm)
    context = system_context(request, system, form=form, is_directory=is_directory)
    return render(request, "people/id_source.html", context, status=status)
