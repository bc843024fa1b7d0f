"""Forms of rounds: opening and locking the assessment of a fiscal year."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.services import LONGEST_COMMENT
from sekisho.ui.forms import VersionField, refuse_invisible


class OpenRoundForm(forms.Form):
    """Opening the round of a fiscal year."""

    fiscal_year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int)

    def __init__(self, *args: Any, years: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.TypedChoiceField", self.fields["fiscal_year"]).choices = years


class LockForm(forms.Form):
    """Locking a round."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
    )
    version = VersionField()
