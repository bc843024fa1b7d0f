"""Forms of the reports to the planning manager: the days, and what is said with them."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.reports import Period, month_before
from sekisho.ledgers.services import LONGEST_COMMENT
from sekisho.ui.forms import JapaneseDateField, VersionField, refuse_invisible

MONTHS_OFFERED = 12
LONGEST_SAID = 2000


class PeriodForm(forms.Form):
    """The days of a report; what makes no sense, or nothing, is the month that is over."""

    first = JapaneseDateField(label=_("From"), required=False, help_text="")
    last = JapaneseDateField(label=_("To"), required=False, help_text="")

    def period(self, today: date) -> Period:
        """Return the days that were asked for, the last month where they cannot be reported."""
        usual = month_before(today)
        if not self.is_valid():
            return usual
        wanted = Period(self.cleaned_data["first"] or usual.first, self.cleaned_data["last"] or usual.last)
        return usual if wanted.fault(today) else wanted


class SendForm(forms.Form):
    """Sending the report about the ledgers."""

    first = JapaneseDateField(label=_("From"))
    last = JapaneseDateField(label=_("To"))
    comment = forms.CharField(
        label=_("Message to the approver"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_invisible],
    )


class LogReviewForm(forms.Form):
    """Sending the review of the logs of a month, with what was looked at and found."""

    month = forms.TypedChoiceField(label=_("Month"), coerce=date.fromisoformat)
    said = forms.CharField(
        label=_("What was looked at, and how"),
        help_text=_("For example: every item that was raised, with the person concerned; nothing improper."),
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
    )

    def __init__(self, *args: Any, months: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months  # type: ignore[attr-defined]  # it is a field of choices


class AmendForm(forms.Form):
    """Sending a report anew that was sent back; ``said`` only where it was said before."""

    said = forms.CharField(
        label=_("What was looked at, and how"),
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
    )
    comment = forms.CharField(
        label=_("Message to the approver"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_invisible],
    )
    version = VersionField()

    def __init__(self, *args: Any, says: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not says:
            del self.fields["said"]
