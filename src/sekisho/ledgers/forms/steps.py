"""The forms of applications: a decision, a comment, applying for an entry, and who stands in. They read only."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.services.applications import LONGEST_COMMENT
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField


class StepForm(forms.Form):
    """The comment on a step, and the version of the application that was looked at.

    Who has several rights to approve (several parts, or somebody to stand in for) chooses one of ``rights``.
    """

    right = forms.ChoiceField(label=_("You decide"), required=False)
    comment = ReasonField(label=_("Comment"), max_length=LONGEST_COMMENT)
    version = VersionField()

    def __init__(self, *args: Any, comment_needed: bool, rights: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = comment_needed
        choices = list(rights)
        if len(choices) > 1:
            self.fields["right"] = forms.ChoiceField(label=_("You decide"), choices=choices)
        else:
            del self.fields["right"]


class CommentForm(forms.Form):
    """Words to an application, without a decision."""

    comment = ReasonField(label=_("Comment"), max_length=LONGEST_COMMENT)


class ApplyForm(forms.Form):
    """Applying for the approval of an entry as it stands in the version that was looked at."""

    comment = ReasonField(label=_("Comment"), max_length=LONGEST_COMMENT, required=False)
    done_reason = ReasonField(
        label=_("Done already in an emergency: why it could not wait"),
        help_text=_("Leave empty if you wait for the approval. Otherwise it is marked and has a deadline."),
        max_length=LONGEST_COMMENT,
        required=False,
    )
    version = VersionField()

    def __init__(self, *args: Any, after_the_fact: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not after_the_fact:
            del self.fields["done_reason"]


class DelegationForm(forms.Form):
    """Who stands in, from when until when, and why."""

    receiver_id = forms.ChoiceField(label=_("Stands in for you"))
    starts_on = JapaneseDateField(label=_("From"))
    ends_on = JapaneseDateField(label=_("Until"), help_text=_("This day too. At most one year. It ends by itself."))
    reason = ReasonField(help_text=_("For example: absence for a training course."))

    def __init__(self, *args: Any, receivers: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver_id"] = forms.ChoiceField(
            label=_("Stands in for you"), choices=[("", _("Choose")), *receivers.items()]
        )
