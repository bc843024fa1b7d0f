"""Forms of the screen lock: a file of settings, and how long a group may stand open."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sekisho.assets.models.screen_locks import LONGEST_REASON, LONGEST_WORDS
from sekisho.assets.rules.screen_lock import IDLE_MINUTES_WITH_REASON, LARGEST
from sekisho.assets.rules.screen_lock.errors import LockSettingsTooLarge
from sekisho.ui.forms import JapaneseDateField, ReasonField, refuse_invisible

_KIB = 2**10


class LockSettingsForm(forms.Form):
    """A file, and of which device or devices it speaks."""

    file = forms.FileField(
        label=_("File with the settings"),
        help_text=_("Of the file only the settings of the screen lock are kept, and its hash."),
    )
    device = forms.ChoiceField(label=_("Device on which it was exported"), required=False)
    distributed_by = forms.CharField(
        label=_("Or: how these settings reach every device of the group"),
        required=False,
        max_length=LONGEST_WORDS,
        help_text=_("For example: group policy “Terminals” of the domain. Leave it empty for one device."),
        validators=[refuse_invisible],
    )
    taken_on = JapaneseDateField(label=_("Day of the export"))

    def __init__(self, *args: Any, devices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All devices of the group")), *devices]
        cast("forms.ChoiceField", self.fields["device"]).choices = choices

    def clean_file(self) -> "UploadedFile[Any]":
        """Return the file. Raises ValidationError before anything is read of what is too large."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(str(LockSettingsTooLarge(most=LARGEST // _KIB)))
        return file


class LockBoundForm(forms.Form):
    """How many minutes, and why."""

    minutes = forms.IntegerField(
        label=_("Minutes without use after which the screen must be locked"),
        min_value=1,
        max_value=IDLE_MINUTES_WITH_REASON,
    )
    reason = ReasonField(
        max_length=LONGEST_REASON,
        help_text=_("For example: shared terminal of the ward, never left alone; staff close it with their card."),
    )
