"""Reading what reviewers look for, decide and try."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.register.log.review.rulebook import Rule
from sekisho.register.models import Decided
from sekisho.register.queries.review import OPEN, ReviewFilter
from sekisho.register.rules.reference import Column
from sekisho.ui.forms import JapaneseDateField, ReasonField

LONGEST_PERIOD = 92


class ReviewFilterForm(forms.Form):
    """The filter of the list of items."""

    q = forms.CharField(label=_("Person or patient"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("Decision"), required=False, choices=[("", _("All")), (OPEN, _("Not settled")), *Decided.choices]
    )
    rule = forms.ChoiceField(label=_("Rule"), required=False)
    since = JapaneseDateField(label=_("From"), required=False)
    until = JapaneseDateField(label=_("Until"), required=False)

    def __init__(self, *args: Any, rules: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", _("All")), *rules]  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self) -> ReviewFilter:
        """Return the filter; what was not understood does not narrow it."""
        data = self.cleaned_data if self.is_valid() else {}
        return ReviewFilter(
            state=data.get("state", ""),
            rule=data.get("rule", ""),
            text=data.get("q", "").strip(),
            since=data.get("since"),
            until=data.get("until"),
        )


class DecisionForm(forms.Form):
    """What a reviewer decides about an item."""

    decided = forms.ChoiceField(label=_("Decision"), choices=Decided.choices, widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("What you found out"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), strip=True
    )


class TrialForm(forms.Form):
    """A period, and the thresholds of one rule."""

    since = JapaneseDateField(label=_("From"))
    until = JapaneseDateField(label=_("Until"))

    def __init__(self, *args: Any, rule: Rule, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for parameter in rule.parameters:
            if isinstance(parameter.default, int):
                self.fields[f"p_{parameter.name}"] = forms.IntegerField(
                    label=parameter.title[language],
                    min_value=parameter.least,
                    max_value=10**9,
                    initial=parameter.default,
                )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or that is longer than a trial may be."""
        data: dict[str, Any] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and not 0 <= (until - since).days < LONGEST_PERIOD:
            raise forms.ValidationError(
                _("The period must end after it begins, and have at most %(days)s days."),
                params={"days": LONGEST_PERIOD},
            )
        return data

    def thresholds(self) -> dict[str, int]:
        """Return the thresholds by the name of the parameter."""
        return {name.removeprefix("p_"): value for name, value in self.cleaned_data.items() if name.startswith("p_")}


class ListFileForm(forms.Form):
    """A list for the rules: the file, the day it was right on, and which column of it says what."""

    file = forms.FileField(label=_("CSV file"), help_text=_("UTF-8 or Shift_JIS, up to 20 MB."))
    as_of = JapaneseDateField(label=_("Right on"))
    delimiter = forms.ChoiceField(
        label=_("Separator"), choices=[(",", _("Comma")), ("\t", _("Tab")), (";", _("Semicolon"))], required=False
    )

    def __init__(self, *args: Any, columns: tuple[Column, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._columns = columns
        for column in columns:
            self.fields[f"c_{column.name}"] = forms.CharField(
                label=str(column.title),
                max_length=100,
                required=column.is_required,
                help_text=_("The heading of the column, exactly as the file has it."),
            )

    def clean_delimiter(self) -> str:
        """Return the separator; a tab alone would be stripped away."""
        return str(self.data.get("delimiter") or ",")

    def headings(self) -> dict[str, str]:
        """Return the heading of each column."""
        return {column.name: self.cleaned_data[f"c_{column.name}"].strip() for column in self._columns}


class DropListForm(forms.Form):
    """Throwing a list away."""

    reason = ReasonField()
