"""What is typed in a stocktake: its plan, a reading, what is done about a difference, its end."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models import StockLine
from sekisho.assets.queries.stocktaking import Scope, countable_books
from sekisho.assets.rules.stocktaking import LONGEST_CODE, SETTLEMENTS, SHOWN, Result, Settlement
from sekisho.assets.services.settling import Decision
from sekisho.assets.services.stocktaking import StocktakePlan
from sekisho.ledgers.queries.books import choices_of
from sekisho.ui.forms import JapaneseDateField, ReasonField, refuse_invisible


class StocktakeForm(forms.Form):
    """What a stocktake is about."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("For example “Devices, first half of 2026”."))
    ledger = forms.ChoiceField(label=_("Ledger"))
    department = forms.ChoiceField(label=_("Department in charge"), required=False)
    system = forms.ChoiceField(label=_("System"), required=False)
    place = forms.CharField(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("For example “2F”: whatever the ledger says is there. Leave all three empty to count everything."),
    )
    begins_on = JapaneseDateField(label=_("First day"))
    ends_on = JapaneseDateField(label=_("Last day"))
    responsible = forms.CharField(label=_("Person responsible"), max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        books = countable_books()
        self.fields["ledger"].choices = [(ledger.id, ledger.title) for ledger in books]  # type: ignore[attr-defined]
        for name in ("department", "system"):
            known = choices_of(books[0], name) if books else []
            self.fields[name].choices = [("", _("All")), *known]  # type: ignore[attr-defined]
        for field in ("name", "place", "responsible"):
            self.fields[field].validators.append(refuse_invisible)

    def plan(self) -> StocktakePlan:
        """Return what was typed."""
        data = self.cleaned_data
        chosen = {name: UUID(data[name]) if data[name] else None for name in ("department", "system")}
        scope = Scope(place=data["place"], **chosen)
        names = ("name", "ledger", "begins_on", "ends_on", "responsible")
        return StocktakePlan(**{name: data[name] for name in names}, scope=scope)


class ReadingForm(forms.Form):
    """Where somebody is, and the code that they read: a scanner types it and presses Enter."""

    place = forms.CharField(
        label=_("Where you are now"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Number on the label"),
        max_length=LONGEST_CODE,
        help_text=_("Control number (QR code), asset number or serial number. Read it with the scanner, or type it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "enterkeyhint": "done"}
        ),
    )

    def focus(self) -> None:
        """Let the cursor wait where something is to be typed next: a scanner types wherever it stands."""
        name = "code" if self["place"].value() and not self.errors.get("place") else "place"
        self.fields[name].widget.attrs["data-focus"] = True
        self.fields[name].widget.attrs["autofocus"] = True


class PlaceForm(forms.Form):
    """The place that goes along when a reading is taken back."""

    place = forms.CharField(max_length=LONGEST_CODE, required=False)


class SettleForm(forms.Form):
    """What is done about a difference, and why."""

    settlement = forms.ChoiceField(label=_("What is done"), widget=forms.RadioSelect)
    reason = ReasonField()
    reference = forms.CharField(label=_("Number"), max_length=200, required=False, validators=[refuse_invisible])
    alike = forms.BooleanField(label=_("Settle all open ones of this kind and place in the same way"), required=False)

    def __init__(self, *args: Any, line: StockLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        result = Result(line.result)
        offered = SETTLEMENTS.get(result, ())
        self.fields["settlement"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]
        if result is Result.MISSING:
            self.fields["reference"].help_text = _("Of the report of the loss, or of the paper that explains it.")
        elif result is Result.UNLISTED:
            self.fields["reference"].help_text = _("Control number of the entry, once the thing is in the ledger.")
            del self.fields["alike"]
        else:
            del self.fields["reference"]

    def decision(self) -> Decision:
        """Return what was decided."""
        data = self.cleaned_data
        return Decision(Settlement(data["settlement"]), data["reason"], data.get("reference", ""))


class ClosingForm(forms.Form):
    """A word to the result, for whoever reads the summary."""

    note = forms.CharField(
        label=_("Remarks"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
    )


class CancelForm(forms.Form):
    """Why a stocktake is cancelled."""

    reason = ReasonField()


class LinesForm(forms.Form):
    """Which lines of a stocktake are shown."""

    result = forms.ChoiceField(label=_("Result"), required=False)
    left = forms.ChoiceField(
        label=_("Differences"), choices=[("", _("All")), ("1", _("To be settled"))], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [("", _("All")), *((one.value, one.label) for one in SHOWN)]  # type: ignore[attr-defined]
