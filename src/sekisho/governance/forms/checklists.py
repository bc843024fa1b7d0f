"""Forms of the inspection checklist."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.services import LONGEST_COMMENT
from sekisho.ui.forms import JapaneseDateField, refuse_invisible


class AnswerForm(forms.Form):
    """An answer to one item of the inspection checklist; the service says which days go with it."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
        help_text=_("You answer, not the recommendation."),
    )
    confirmed_on = JapaneseDateField(label=_("Day of confirmation"), required=False)
    target_on = JapaneseDateField(label=_("Target day, if the answer is “no”"), required=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was looked at, or why the answer differs from the recommendation."),
        validators=[refuse_invisible],
    )
