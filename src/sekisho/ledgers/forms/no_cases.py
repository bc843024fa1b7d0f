"""The form that states that there was nothing to enter in a ledger."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.services.no_cases import LONGEST_COMMENT
from sekisho.ui.forms import JapaneseDateField, ReasonField


class NoCaseForm(forms.Form):
    """The days it holds for, and how it was made sure of."""

    first_day = JapaneseDateField(label=_("From"))
    last_day = JapaneseDateField(label=_("To"))
    comment = ReasonField(
        label=_("How it was made sure of"),
        help_text=_("For example: asked every department."),
        max_length=LONGEST_COMMENT,
        required=False,
    )
