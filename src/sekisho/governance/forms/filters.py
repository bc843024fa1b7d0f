"""The conditions beside the search boxes of lists; rubbish in them does not narrow a list."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.verdicts import Verdict
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


class VerdictFilter(forms.Form):
    """The condition beside the search box of the list."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        required=False,
        choices=lambda: [("", _("All")), *((verdict.value, verdict.label) for verdict in Verdict)],
    )

    def chosen(self) -> Verdict | None:
        """Return the verdict that was chosen; rubbish does not narrow the list."""
        value = self.cleaned_data.get("verdict") if self.is_valid() else None
        return Verdict(value) if value else None


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
