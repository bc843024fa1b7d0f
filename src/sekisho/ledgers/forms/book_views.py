"""The form that keeps a view of a ledger under a name."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.services.book_views import LONGEST_NAME


class ViewForm(forms.Form):
    """The name of a view, and whether everybody finds it; the look itself is carried along."""

    name = forms.CharField(label=_("Name of the view"), max_length=LONGEST_NAME)
    shared = forms.BooleanField(label=_("For everybody who looks at this ledger"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, may_share: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not may_share:
            del self.fields["shared"]
