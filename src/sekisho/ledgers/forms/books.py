"""The forms of every ledger, made from its declaration: entry, narrowing of the list, reason, file to read."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db import models
from django.db.models import Q
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.queries.book_conditions import Attention, can_lack
from sekisho.ledgers.queries.books import Shelf, choices_of, target_names, targets, years_of
from sekisho.ledgers.rules.book_years import year_name
from sekisho.ui.display import Display
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField


def entry_form(ledger: Ledger) -> type["forms.ModelForm[Any]"]:
    """Return the form class of ``ledger``: its columns in order, with its headings and help texts."""

    def field_of(field: "models.Field[Any, Any]", **options: Any) -> forms.Field | None:
        match field:
            case models.DateField():
                return field.formfield(form_class=JapaneseDateField, **options)
            case models.TextField():
                return field.formfield(widget=forms.Textarea(attrs={"rows": 3}), **options)
            case models.ForeignKey():
                return field.formfield(form_class=TargetField, queryset=targets(ledger, field.name), **options)
        return field.formfield(**options)

    made = forms.modelform_factory(
        ledger.model,
        form=BookForm,
        fields=[column.field for column in ledger.columns],
        labels={column.field: cast("Any", column.title) for column in ledger.columns},
        help_texts={column.field: cast("Any", column.help) for column in ledger.columns if column.help},
        formfield_callback=field_of,
    )
    made.later = _later(ledger)  # type: ignore[attr-defined]  # of BookForm, which the factory derives from
    return made


def _later(ledger: Ledger) -> frozenset[str]:
    """Return the columns from the day on which something happens on, where that follows an approval."""
    names = [column.field for column in ledger.columns if column.after_approval]
    return frozenset(names[names.index(ledger.happens_on) :] if ledger.happens_on in names else ())


class BookForm(forms.ModelForm[Any]):
    """A form over one entry; it carries the version it was opened with.

    ``later`` holds the fields that nobody fills in for a new entry; they are folded away while nothing is in them.
    """

    later: frozenset[str] = frozenset()
    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _say_choose(field)
            if isinstance(field, TargetField):
                field.offer_present(getattr(self.instance, f"{name}_id"))
        if self.instance.pk and not self.instance._state.adding:
            self.initial["version"] = self.instance.version
        elif not self.is_bound:
            next(iter(self.fields.values())).widget.attrs["autofocus"] = True

    @property
    def shows_later(self) -> bool:
        """Tell whether the fields for later are to be seen at once."""
        said = self.data if self.is_bound else self.initial
        return not self.instance._state.adding or any(said.get(name) for name in self.later)

    def _post_clean(self) -> None:
        """Leave the instance alone: the service fills and checks it, with the same rules for every entrance."""


class TargetField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django itself takes no argument here
    """A choice among the open entries of another table."""

    def offer_present(self, present: UUID | None) -> None:
        """Offer the entry chosen so far even if it has been closed: saving something else must not drop it."""
        if present is not None and self.queryset is not None and hasattr(self.queryset.model, "closed_at"):
            self.queryset = self.queryset.model._default_manager.filter(Q(closed_at=None) | Q(pk=present))

    def label_from_instance(self, obj: Any) -> str:
        """Return the entry's name, and that it is closed."""
        name = target_names(obj)[0]
        return str(_("%(name)s (closed)")) % {"name": name} if getattr(obj, "closed_at", None) else name


def narrowing_form(ledger: Ledger, data: Any, display: Display) -> forms.Form:
    """Return the form above the list: which entries, and one choice for every column declared as a filter."""
    form = forms.Form(data)
    form.fields["shelf"] = forms.ChoiceField(label=_("Entries"), choices=SHELVES, required=False)
    years = [(str(year), year_name(year, display.calendar, display.language)) for year in years_of(ledger)]
    form.fields["fy"] = forms.ChoiceField(label=_("Fiscal year"), choices=[("", _("All")), *years], required=False)
    kinds = [(what.value, ATTENTIONS[what]) for what in Attention if can_lack(ledger, what)]
    form.fields["attention"] = forms.ChoiceField(
        label=_("To be looked at"), choices=[("", _("All")), *kinds], required=False
    )
    for column in (column for column in ledger.columns if column.filtered):
        of_model = ledger.model._meta.get_field(column.field)
        known = _YES_NO if isinstance(of_model, models.BooleanField) else choices_of(ledger, column.field)
        title = cast("Any", column.title)
        form.fields[column.field] = forms.ChoiceField(label=title, choices=[("", _("All")), *known], required=False)
    return form


_YES_NO = [("yes", _("Yes")), ("no", _("No"))]
SHELVES = [
    (Shelf.IN_USE.value, _("In use")),
    (Shelf.CLOSED.value, _("Closed")),
    (Shelf.STRUCK.value, _("Struck out")),
    (Shelf.ALL.value, _("All")),
]


ATTENTIONS = {
    Attention.STALE: _("Not confirmed in time"),
    Attention.CARRY: _("Not confirmed since 1 April"),
    Attention.EXPIRED: _("A date has passed"),
    Attention.UNAPPROVED: _("Not approved"),
}


class EndForm(forms.Form):
    """Why an entry is closed, struck out or reopened, and the version that was looked at."""

    reason = ReasonField()
    version = VersionField()


class ConfirmForm(forms.Form):
    """That an entry holds as it stands; nothing but the version that was looked at."""

    version = VersionField()


class FileForm(forms.Form):
    """The file that is to be read into a ledger."""

    file = forms.FileField(
        label=_("File (Excel or CSV)"),
        help_text=_("An Excel workbook (.xlsx), or CSV in UTF-8 or Shift JIS. At most 10 MiB and 20,000 rows."),
    )


def _say_choose(field: forms.Field) -> None:
    """Let an open choice say that there is one to make, where Django shows a row of dashes.

    A model may have words of its own for the empty choice, such as "not known": they stay.
    """
    label = _("Choose") if field.required else _("None")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = label
    elif isinstance(field, forms.ChoiceField):
        choices = list(cast("list[tuple[str, str]]", field.choices))
        if choices and choices[0] == BLANK_CHOICE_DASH[0]:
            field.choices = [("", label), *choices[1:]]
