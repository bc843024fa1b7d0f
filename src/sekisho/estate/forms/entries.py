"""Forms of the estate, made from the ledgers' declarations."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models import Entry
from sekisho.kernel.declarations import Ledger
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField


def entry_form(ledger: Ledger) -> type["forms.ModelForm[Any]"]:
    """Return the form class of ``ledger``: its columns in order, with its headings and help texts."""
    return forms.modelform_factory(
        ledger.model,
        form=EntryForm,
        fields=[column.field for column in ledger.columns],
        labels={column.field: _text(column.title) for column in ledger.columns},
        help_texts={column.field: _text(column.help) for column in ledger.columns if column.help},
        formfield_callback=_field,
    )


class EntryForm(forms.ModelForm[Any]):
    """A form over one entry; it carries the version it was opened with."""

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _say_choose(field)
            if isinstance(field, EntryChoice):
                field.offer_present(getattr(self.instance, f"{name}_id"))
        if self.instance.pk and not self.instance._state.adding:
            self.initial["version"] = self.instance.version

    def _post_clean(self) -> None:
        """Leave the instance alone: the service fills and checks it, with the same rules for every entrance."""


class EntryChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django itself takes no argument here
    """A choice among the open entries of a ledger."""

    def offer_present(self, present: UUID | None) -> None:
        """Offer the entry chosen so far even if it has been closed: saving something else must not drop it."""
        if present is not None and self.queryset is not None:
            self.queryset = self.queryset.model._default_manager.filter(Q(closed_at=None) | Q(pk=present))

    def label_from_instance(self, obj: Any) -> str:
        """Return the entry's name, and that it is closed."""
        return str(_("%(name)s (closed)")) % {"name": obj} if obj.closed_at else str(obj)


class CloseForm(forms.Form):
    """Closing an entry; the reason is asked for, because the entry disappears from the lists."""

    reason = ReasonField()
    version = VersionField()


class ReopenForm(forms.Form):
    """Reopening an entry, with a reason if there is one to tell."""

    reason = ReasonField(required=False)
    version = VersionField()


def _say_choose(field: forms.Field) -> None:
    """Let an open choice say that there is one to make, where Django shows a row of dashes."""
    label = _("Choose") if field.required else _("None")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = label
    elif isinstance(field, forms.ChoiceField):
        choices = list(cast("list[tuple[str, str]]", field.choices))
        if choices and choices[0][0] == "":
            field.choices = [("", label), *choices[1:]]


def _text(text: object) -> Any:
    return text


def _field(field: "models.Field[Any, Any]", **kwargs: Any) -> forms.Field | None:
    match field:
        case models.DateField():
            return field.formfield(form_class=JapaneseDateField, **kwargs)
        case models.TextField():
            return field.formfield(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)
        case models.ForeignKey() if issubclass(field.related_model, Entry):
            rows = field.related_model._default_manager.filter(closed_at=None)
            return field.formfield(form_class=EntryChoice, queryset=rows, **kwargs)
    return field.formfield(**kwargs)
