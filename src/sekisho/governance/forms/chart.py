"""Which fiscal years a security chart shows; rubbish in the address shows the usual ones."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.queries.chart import Basis, Standing

NOTHING = "none"


class ChartForm(forms.Form):
    """The year that is shown and the one beside it."""

    year = forms.ChoiceField(label=_("Fiscal year"), required=False)
    beside = forms.ChoiceField(label=_("Compared with"), required=False)

    def __init__(self, data: Any, standings: Sequence[tuple[str, str]]) -> None:
        usual = {"year": standings[0][0]} if standings else {}
        super().__init__(data or None, initial=usual)
        cast("forms.ChoiceField", self.fields["year"]).choices = list(standings)
        cast("forms.ChoiceField", self.fields["beside"]).choices = [(NOTHING, _("No other year")), *standings]

    def chosen(self, found: Sequence[Standing]) -> tuple[Standing | None, Standing | None]:
        """Return what to show and what to put beside it; by default the newest and the year before it."""
        by_key = {one.key: one for one in found}
        now = by_key.get(self._asked("year"), found[0] if found else None)
        asked = self._asked("beside")
        before = by_key.get(asked) if asked else _year_before(now, found)
        if before is now:
            before = None
        self.initial = {"year": now.key if now else "", "beside": before.key if before else NOTHING}
        return now, before

    def _asked(self, name: str) -> str:
        self.is_valid()
        return str(getattr(self, "cleaned_data", {}).get(name, ""))


def _year_before(now: Standing | None, found: Sequence[Standing]) -> Standing | None:
    """Return the state of the year before: what was locked counts before what was merely kept."""
    mine = [one for one in found if now is not None and one.year == now.year - 1]
    return next((one for one in mine if one.basis is Basis.LOCKED), mine[0] if mine else None)
