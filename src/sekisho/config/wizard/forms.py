"""Forms of the wizard: parts of the estate's own form for the facility, and rows to tick."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from sekisho.config.wizard.entering import LinePick, SystemPick
from sekisho.config.wizard.offers import UNKNOWN, LineOffer, SystemOffer
from sekisho.estate.errors import EntryInvalid
from sekisho.estate.forms import entry_form
from sekisho.estate.ledgers import FACILITY, LINKS, SYSTEMS, VENDORS

FACILITY_FIELDS = ("name", "kind", "beds")
CONTRACT_FIELDS = ("update_duty", "update_duty_clause")


def facility_form(fields: Sequence[str], data: Any = None, instance: Any = None) -> "forms.ModelForm[Any]":
    """Return the ledger's form for the facility with some of its columns only; the rest is left as stored."""
    form = entry_form(FACILITY)(data, instance=instance)
    for name in set(form.fields) - {*fields, "version"}:
        del form.fields[name]
    return form


def contract_form(data: Any = None, instance: Any = None) -> "forms.ModelForm[Any]":
    """Return the question about the maintenance contract: the ledger's columns, to be answered by one of four."""
    form = facility_form(CONTRACT_FIELDS, data, instance)
    choices = [choice for choice in form.fields["update_duty"].choices if choice[0]]  # type: ignore[attr-defined]
    form.fields["update_duty"] = forms.ChoiceField(
        label=_("Is it the vendor's duty to install the security updates of all servers?"),
        choices=choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Look into the maintenance contract, the terms of service or the SLA. A PC counts as a server too if the "
            "program of the record does its work on it."
        ),
    )
    form.fields["update_duty_clause"].help_text = _(
        "Needed for a yes. Name, date and clause, for example: maintenance contract of 2026-04-01, article 5."
    )
    return form


class Row(forms.Form):
    """Something to tick, and what is asked about it then. Not ticked, the rest of the row does not count."""

    use_required_attribute = False
    chosen = forms.BooleanField(required=False)
    details: Sequence[str] = ()

    def __init__(self, offer: Any, data: Any = None) -> None:
        super().__init__(data, prefix=offer.key)
        self.offer = offer
        self.fields["chosen"].label = offer.name
        self.fields["name"].initial = offer.name

    @property
    def is_chosen(self) -> bool:
        """Tell whether the row was ticked."""
        return bool(self["chosen"].data)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields below the tick."""
        return [self[name] for name in self.fields if name != "chosen"]

    def full_clean(self) -> None:
        """Look at the row only if it was ticked."""
        if self.is_bound and not self.is_chosen:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
        else:
            super().full_clean()


def _name(label: Any, ledger: Any) -> forms.CharField:
    length = ledger.model._meta.get_field("name").max_length
    return forms.CharField(label=label, max_length=length)


class SystemRow(Row):
    """A usual system."""

    offer: SystemOffer
    name = _name(_("Name"), SYSTEMS)
    form = forms.ChoiceField(
        label=_("Where does it run?"),
        choices=[
            ("", _("Choose")),
            ("on_premises", _("On a server or PC in the facility")),
            ("cloud", _("In the cloud (used over a line)")),
            ("hybrid", _("Both")),
        ],
    )
    vendor = forms.CharField(
        label=_("Vendor"),
        required=False,
        max_length=VENDORS.model._meta.get_field("name").max_length,
        help_text=_("The company you call when it does not work."),
        widget=forms.TextInput(attrs={"list": "known-vendors", "autocomplete": "off"}),
    )
    remote = forms.ChoiceField(
        label=_("Maintenance from outside"),
        choices=[
            ("", _("Choose")),
            ("yes", _("The vendor connects from outside (or I am not sure)")),
            ("no", _("Somebody always comes here")),
        ],
    )

    def pick(self) -> SystemPick:
        """Return what was ticked and described."""
        data = self.cleaned_data
        return SystemPick(self.offer, data["name"], data["form"], data["vendor"], data["remote"] == "yes")


class LineRow(Row):
    """A usual line. Where only one kind is possible nothing is asked about it."""

    offer: LineOffer
    name = _name(_("Name"), LINKS)
    line = forms.ChoiceField(label=_("What kind of line is it?"))

    def __init__(self, offer: LineOffer, data: Any = None) -> None:
        super().__init__(offer, data)
        unknown = (UNKNOWN, _("I do not know (it is left out for now)"))
        choices = [("", _("Choose")), *offer.kinds.items(), unknown]
        self.fields["line"].choices = choices  # type: ignore[attr-defined]
        if len(offer.kinds) == 1:
            del self.fields["line"]

    @property
    def is_left_out(self) -> bool:
        """Tell whether the line was ticked but its kind is not known."""
        return self.is_chosen and self.cleaned_data.get("line") == UNKNOWN

    def pick(self) -> LinePick:
        """Return what was ticked."""
        data = self.cleaned_data
        return LinePick(self.offer, data["name"], data.get("line") or next(iter(self.offer.kinds)))


def are_valid(rows: Iterable[Row]) -> bool:
    """Tell whether every ticked row is filled in; each is looked at, so that all faults are shown at once."""
    return not [row for row in rows if not row.is_valid()]


def show_row_faults(rows: Iterable[Row], error: EntryInvalid) -> None:
    """Show what the ledgers refused at the row and field in which it was typed."""
    by_key = {row.offer.key: row for row in rows}
    for place, texts in error.faults.items():
        key, _dash, field = place.rpartition("-")
        row = by_key[key]
        row.add_error(field if field in row.fields else "name", texts)
