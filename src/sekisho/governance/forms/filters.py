"""The conditions beside the search boxes of lists; rubbish in them does not narrow a list."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.filtering import MYSELF, NOBODY, DueCondition, RequirementFilter, write_filter
from sekisho.kernel.declarations import Outcome

OUTCOME_LABELS = [
    (Outcome.FAIL.value, _("Not passed")),
    (Outcome.ERROR.value, _("Error")),
    (Outcome.UNKNOWN.value, _("Cannot tell")),
    (Outcome.PASS.value, _("Passed")),
    (Outcome.NOT_APPLICABLE.value, _("Not applicable")),
]
BROKEN, NEVER = "broken", "never"
NO_RESULT_LABELS = [(BROKEN, _("The run broke off")), (NEVER, _("Not run yet"))]


class RequirementConditions(forms.Form):
    """The conditions beside the search box of the list; the group and the verdicts are links above it."""

    person = forms.ChoiceField(label=_("Person responsible"), required=False)
    due = forms.ChoiceField(
        label=_("To be done by"),
        required=False,
        choices=[
            ("", _("All")),
            (DueCondition.OVERDUE.value, _("Overdue")),
            (DueCondition.THIS_MONTH.value, _("This month")),
            (DueCondition.NO_DAY.value, _("No day set")),
        ],
    )
    reassess = forms.ChoiceField(
        label=_("To be judged again"), required=False, choices=[("", _("All")), ("1", _("Only these"))]
    )
    excepted = forms.ChoiceField(
        label=_("With an exception"), required=False, choices=[("", _("All")), ("1", _("Only these"))]
    )

    def __init__(self, conditions: RequirementFilter, people: Iterable[tuple[str, str]]) -> None:
        super().__init__(dict(write_filter(conditions)))
        choices = [("", _("All")), (MYSELF, _("Myself")), (NOBODY, _("Nobody")), *people]
        cast("forms.ChoiceField", self.fields["person"]).choices = choices


class CheckFilter(forms.Form):
    """The conditions beside the search box of the list of checks."""

    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=lambda: [("", _("All")), *OUTCOME_LABELS, *NO_RESULT_LABELS]
    )
    room = forms.ChoiceField(label=_("Room"), required=False)

    def __init__(self, data: Any, rooms: Iterable[tuple[str, Any]]) -> None:
        super().__init__(data)
        cast("forms.ChoiceField", self.fields["room"]).choices = [("", _("All")), *rooms]

    def chosen(self, name: str) -> str:
        """Return what was chosen; rubbish does not narrow the list."""
        self.full_clean()
        return str(self.cleaned_data.get(name, ""))


class FindingFilter(forms.Form):
    """The condition beside the search box of what a run found."""

    outcome = forms.ChoiceField(label=_("Result"), required=False, choices=lambda: [("", _("All")), *OUTCOME_LABELS])

    def chosen(self) -> Outcome | None:
        """Return the outcome that was chosen; rubbish does not narrow the list."""
        value = self.cleaned_data.get("outcome") if self.is_valid() else None
        return Outcome(value) if value else None
