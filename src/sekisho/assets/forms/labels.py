"""Which labels are printed, and on what sheet."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.assets.rules.labels import LAYOUTS


class LabelForm(forms.Form):
    """The sheet, and how many of its places are used already. Which entries, the search and the filters say."""

    sheet = forms.ChoiceField(label=_("Label sheet"))
    used = forms.IntegerField(
        label=_("Labels of the first sheet that are used already"), min_value=0, max_value=43, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _("%(count)s on A4 (%(width)s × %(height)s mm)")
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]
            (one.id, str(words) % {"count": one.count, "width": one.width, "height": one.height}) for one in LAYOUTS
        ]
