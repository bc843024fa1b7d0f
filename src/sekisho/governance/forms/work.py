"""Forms of the work on a requirement: who looks after it and by when, a comment, striking one out."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.services.work import LONGEST_COMMENT, LONGEST_STRIKE_REASON, Plan
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField, refuse_invisible


class PlanForm(forms.Form):
    """Who looks after a requirement, and by when it is to be done."""

    assignee = forms.ChoiceField(label=_("Person responsible"), required=False)
    due_on = JapaneseDateField(label=_("To be done by"), required=False)
    version = VersionField()

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["assignee"]).choices = [("", _("Nobody")), *people]

    def plan(self) -> Plan:
        """Return what was entered."""
        return Plan(self.cleaned_data["assignee"], self.cleaned_data["due_on"])


class CommentForm(forms.Form):
    """A remark on a requirement."""

    text = forms.CharField(
        label=_("New comment"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who sees the requirement reads it, inspectors too. It cannot be changed afterwards."),
        validators=[refuse_invisible],
    )


class StrikeForm(forms.Form):
    """Why one strikes out one's own comment."""

    reason = ReasonField(max_length=LONGEST_STRIKE_REASON)
