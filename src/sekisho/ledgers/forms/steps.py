"""The form of every decision about an application. It reads; the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.services.applications import LONGEST_COMMENT
from sekisho.ui.forms import ReasonField, VersionField


class StepForm(forms.Form):
    """The comment on a step, and the version of the application that was looked at."""

    comment = ReasonField(label=_("Comment"), max_length=LONGEST_COMMENT)
    version = VersionField()

    def __init__(self, *args: Any, comment_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = comment_needed
