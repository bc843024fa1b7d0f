"""Forms of the inspection checklist."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.official_checklist.matching import NO_COUNTERPART, Match
from sekisho.governance.rules.official_checklist.reading import ListKind
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


class OfficialFileForm(forms.Form):
    """The official file of a year's checklist."""

    file = forms.FileField(
        label=_("Official file (.xlsx)"),
        help_text=_("The Excel file as the ministry publishes it, unchanged, up to 5 MiB."),
    )
    kind = forms.ChoiceField(
        label=_("For whom the file is"), choices=[("", _("Choose")), *((kind.value, kind.label) for kind in ListKind)]
    )
    fiscal_year = forms.TypedChoiceField(
        label=_("Fiscal year"), coerce=int, help_text=_("If the file names another year, it is refused.")
    )

    def __init__(self, *args: Any, years: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.TypedChoiceField", self.fields["fiscal_year"]).choices = years


class ReturnedFileForm(forms.Form):
    """A filled-in form as it came back."""

    file = forms.FileField(
        label=_("Filled-in file (.xlsx)"),
        help_text=_("The official form with answers in it. Nothing counts until you take it over item by item."),
    )


class MatchForm(forms.Form):
    """Which item of ours each official item means: one field an item, named by its id."""

    def __init__(self, *args: Any, matches: Sequence[Match], ours: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for match in matches:
            self.fields[match.item.id] = forms.ChoiceField(
                label=match.item.printed,
                required=False,
                choices=self._choices(match, ours),
                initial=match.suggested if match.is_certain else "" if match.suggested else NO_COUNTERPART,
            )

    @staticmethod
    def _choices(match: Match, ours: Sequence[tuple[str, str]]) -> list[tuple[str, Any]]:
        """Put the item with the same number first: it is the likeliest, and still has to be chosen."""
        first = [one for one in ours if one[0] == match.suggested]
        rest = [one for one in ours if one[0] != match.suggested]
        return [("", _("Not decided yet")), *first, (NO_COUNTERPART, _("None of them")), *rest]

    @property
    def decided(self) -> dict[str, str]:
        """What was chosen, by item."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class TakeOverForm(forms.Form):
    """Which proposals somebody answers for, and when they looked."""

    items = forms.MultipleChoiceField(
        label=_("Answers to take over"),
        required=True,
        error_messages={"required": _("Tick the answers that you take responsibility for.")},
    )
    confirmed_on = JapaneseDateField(
        label=_("Day on which you confirmed the ticked “yes”"),
        required=False,
        help_text=_("Left empty, the day in the file counts. For example 2026/11/21, R8.11.21 or 令和8年11月21日."),
    )

    def __init__(self, *args: Any, items: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["items"]).choices = [(item, item) for item in items]
