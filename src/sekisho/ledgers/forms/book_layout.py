"""The form that says how a file is read: its sheet, the row of its headings, and the column that each heading means."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.declarations import Ledger
from sekisho.kernel.xlsx.table import Table
from sekisho.ledgers.rules.book_layout import HEADING_WITHIN, LEFT_OUT, Choice, Layout, heading_key

_OPEN, _LEFT_OUT = "", "-"  # in the form; LEFT_OUT where it is kept
_MOST_HEADINGS = 200


class LayoutForm(forms.Form):
    """What was found, to be changed; a heading that is new to the ledger must be decided about."""

    draft = forms.UUIDField(widget=forms.HiddenInput)
    sheet = forms.TypedChoiceField(label=_("Sheet"), coerce=int)
    line = forms.IntegerField(label=_("Row of the headings"), min_value=1, max_value=HEADING_WITHIN)

    def __init__(self, ledger: Ledger, table: Table, layout: Layout, data: QueryDict | None, **given: Any) -> None:
        initial = {"draft": given["draft"], "sheet": given["sheet"], "line": layout.line}
        super().__init__(data, initial=initial)
        self._layout = layout
        cast("forms.ChoiceField", self.fields["sheet"]).choices = list(enumerate(table.sheets))
        if len(table.sheets) < 2:
            del self.fields["sheet"]
        columns = [("number", _("Control number")), *((column.field, column.title) for column in ledger.columns)]
        choices: Any = [(_OPEN, _("Choose")), *columns, (_LEFT_OUT, _("Not taken over"))]
        for place, heading in self._headings():
            now = _OPEN if place in layout.undecided else layout.places.get(place, _LEFT_OUT)
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading[:100], choices=choices, initial=now, required=False
            )

    def _headings(self) -> list[tuple[int, str]]:
        return list(self._layout.headings.items())[:_MOST_HEADINGS]

    def clean(self) -> dict[str, Any]:
        """Refuse two headings for one column, while sheet and row stay as they were."""
        cleaned: dict[str, Any] = super().clean() or {}
        taken: set[str] = set()
        for place, _heading in [] if self._moved(cleaned) else self._headings():
            name = cleaned.get(f"column-{place}", _OPEN)
            if name not in {_OPEN, _LEFT_OUT} and name in taken:
                self.add_error(f"column-{place}", _("Another heading means this column already."))
            taken.add(name)
        return cleaned

    def choice(self) -> Choice:
        """Return what was chosen. Where another sheet was, its headings are looked for anew."""
        said = {heading_key(text): self.cleaned_data[f"column-{place}"] for place, text in self._headings()}
        decided = {key: LEFT_OUT if name == _LEFT_OUT else name for key, name in said.items() if name != _OPEN}
        sheet = self._sheet(self.cleaned_data)
        other = sheet != self.initial["sheet"]
        return Choice(
            sheet, 0 if other else self.cleaned_data["line"], {} if self._moved(self.cleaned_data) else decided
        )

    def _moved(self, cleaned: Mapping[str, Any]) -> bool:
        return self._sheet(cleaned) != self.initial["sheet"] or bool(cleaned.get("line") != self.initial["line"])

    def _sheet(self, cleaned: Mapping[str, Any]) -> int:
        """Return the sheet that was chosen; a file with one offers no choice."""
        sheet: int = cleaned.get("sheet", self.initial["sheet"])
        return sheet
