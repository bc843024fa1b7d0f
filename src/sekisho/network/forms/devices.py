"""Forms of network devices: the device itself, its configuration as a file, the application for its baseline."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sekisho.network.models import DeviceKind
from sekisho.network.models.configurations import LONGEST_NAME, LONGEST_NOTE
from sekisho.network.rules.device_configuration import Dialect
from sekisho.network.rules.readers.detection import NAMES
from sekisho.network.rules.readers.errors import ConfigurationTooLarge
from sekisho.network.rules.readers.source import LARGEST
from sekisho.network.services.configurations import LONGEST_REASON
from sekisho.network.services.devices import DeviceData
from sekisho.ui.forms import ReasonField, VersionField, refuse_invisible

_MEBIBYTE = 2**20


class DeviceForm(forms.Form):
    """A network device; it carries the version it was opened with."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("As it is called here, for example “Router in the server room (RTX1220)”."),
        validators=[refuse_invisible],
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Choose")), *DeviceKind.choices])
    links = forms.MultipleChoiceField(
        label=_("Lines that run over it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Its configuration is judged for each of them."),
    )
    note = forms.CharField(
        label=_("Remarks"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
    )
    version = VersionField()

    def __init__(self, *args: Any, links: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["links"]).choices = list(links)

    def device_data(self) -> DeviceData:
        """Return what was entered."""
        entered = self.cleaned_data
        return DeviceData(entered["name"], entered["kind"], entered["links"], entered["note"])


class CloseDeviceForm(forms.Form):
    """Closing a device; the reason is asked for, because its lines are judged without it from then on."""

    reason = ReasonField()
    version = VersionField()


class ConfigurationForm(forms.Form):
    """A configuration as the device exports it. ``sha256`` is that of the file that was looked at, empty before."""

    file = forms.FileField(
        label=_("Configuration file"),
        help_text=_("As the device exports it, in text, up to 8 MiB. Passwords in it are made unreadable at once."),
    )
    dialect = forms.ChoiceField(
        label=_("Kind of configuration"),
        required=False,
        choices=[("", _("Recognise it")), *((dialect.value, name) for dialect, name in NAMES.items())],
    )
    sha256 = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    def clean_file(self) -> "UploadedFile[Any]":
        """Return the file. Raises ValidationError before anything is read of what is too large."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(str(ConfigurationTooLarge(most=LARGEST // _MEBIBYTE)))
        return file

    def chosen_dialect(self) -> Dialect | None:
        """Return the kind that was chosen, None to recognise it."""
        return Dialect(self.cleaned_data["dialect"]) if self.cleaned_data["dialect"] else None


class BaselineForm(forms.Form):
    """Why the configuration is as it is; ``number`` is the configuration that was looked at."""

    reason = forms.CharField(
        label=_("Why the configuration is as it is"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example: set up by the vendor on that day; ports opened for the new laboratory system."),
        validators=[refuse_invisible],
    )
    number = VersionField()
    version = VersionField()
