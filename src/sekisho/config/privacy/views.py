"""Pages of the personal data that Sekisho keeps."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.config.actions import PersonalDataAction
from sekisho.config.privacy.export import export_person
from sekisho.config.privacy.periods import (
    Period,
    PeriodOutOfBounds,
    destroy_run_out,
    period,
    periods,
    set_period,
)
from sekisho.kernel import registry
from sekisho.kernel.access import allow
from sekisho.kernel.declarations import Holding
from sekisho.people.queries import people, today
from sekisho.ui.forms import ReasonField
from sekisho.ui.parts import Align, Badge, Cells, Kind, Link, TableColumn
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


class PeriodForm(forms.Form):
    """How long a holding is kept."""

    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1)


class PersonForm(forms.Form):
    """Whose data are taken out."""

    person = forms.CharField(label=gettext_lazy("Staff number or full name"), max_length=100)


class DestroyForm(forms.Form):
    """Why it is destroyed now."""

    reason = ReasonField()


@require_safe
@allow(PersonalDataAction.VIEW)
def show_holdings(request: Request) -> HttpResponse:
    """Show what personal data there is, whose, what for, how long, and what has run out."""
    return _holdings(request, PersonForm())


def _holdings(request: Request, form: PersonForm, status: int = 200) -> HttpResponse:
    known = periods()
    may_set = request.actor.may(PersonalDataAction.SET_PERIOD)
    context = {
        "page_title": _("Personal data in Sekisho"),
        "columns": [
            TableColumn(_("What"), is_row_heading=True),
            TableColumn(_("About whom")),
            TableColumn(_("What for")),
            TableColumn(_("Kept")),
            TableColumn(_("Period (days)"), Align.NUMBER),
            TableColumn(_("Has run out")),
        ],
        "rows": [_row(one, known.get(one.id), may_set=may_set) for one in registry.current().holdings],
        "form": form if request.actor.may(PersonalDataAction.EXPORT) else None,
    }
    return render(request, "config/personal_data.html", context, status=status)


def _row(holding: Holding, found: Period | None, *, may_set: bool) -> Cells:
    words: Cells = [holding.title, holding.whose, holding.purpose, holding.kept]
    if found is None:
        return [*words, None, None]
    days = f"{found.days:,}"
    address = reverse("personal-data-period", args=[holding.id])
    return [*words, Link(days, address) if may_set else days, _run_out(found, may_set=may_set)]


def _run_out(found: Period, *, may_set: bool) -> object:
    if not found.due:
        return Badge(Kind.OK, _("Nothing"))
    if not found.expiry.by_hand:
        return Badge(Kind.INFO, _("%(count)s, destroyed with the next night") % {"count": found.due})
    words = _("%(count)s wait for your word") % {"count": found.due}
    return Link(words, reverse("personal-data-destroy", args=[found.holding.id])) if may_set else words


@require_http_methods(_METHODS)
@allow(PersonalDataAction.SET_PERIOD)
def change_period(request: Request, holding_id: str) -> HttpResponse:
    """Say how long a holding is kept."""
    found = period(holding_id)
    form = PeriodForm(request.POST if request.method == "POST" else None, initial={"days": found.days})
    if form.is_bound and form.is_valid():
        try:
            set_period(actor=request.actor, holding_id=holding_id, days=form.cleaned_data["days"])
        except PeriodOutOfBounds as error:
            form.add_error("days", str(error))
        else:
            messages.success(request, _("The period was stored."))
            return redirect("personal-data")
    context = {"page_title": _("Period: %(what)s") % {"what": found.holding.title}, "form": form, "found": found}
    return render(request, "config/personal_data_period.html", context, status=422 if form.is_bound else 200)


@require_http_methods(_METHODS)
@allow(PersonalDataAction.DESTROY)
def destroy(request: Request, holding_id: str) -> HttpResponse:
    """Destroy what has run out, once a person has said why."""
    found = period(holding_id)
    form = DestroyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        count = destroy_run_out(actor=request.actor, holding_id=holding_id, reason=form.cleaned_data["reason"])
        messages.success(request, _("Destroyed: %(count)s. The register says so.") % {"count": count})
        return redirect("personal-data")
    context = {
        "page_title": _("Destroy: %(what)s") % {"what": found.holding.title},
        "found": found,
        "form": form,
        "consequences": [
            _("%(count)s have run out.") % {"count": found.due},
            found.holding.kept,
            _("It cannot be undone here. In backups it stays until they are removed."),
        ],
    }
    return render(request, "config/personal_data_destroy.html", context, status=422 if form.is_bound else 200)


@require_POST
@allow(PersonalDataAction.EXPORT)
def hand_over(request: Request) -> HttpResponse:
    """Hand over everything that is kept about one person, who is named by number or name."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _holdings(request, form, 422)
    found, _page = people(form.cleaned_data["person"], 1)
    if len(found) != 1:
        form.add_error("person", _("Nobody is called so.") if not found else _("Several are: enter the staff number."))
        return _holdings(request, form, 422)
    content = export_person(actor=request.actor, staff_id=found[0].staff.pk)
    name = f"personal-data-{today():%Y%m%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)
