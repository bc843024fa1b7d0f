"""Forms for what was seen from elsewhere: tickets, what was brought back, results of other tools."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sekisho.governance.forms.files import FilesField
from sekisho.governance.rules.results.detection import FORMATS
from sekisho.ui.forms import JapaneseDateField, ReasonField


class TicketForm(forms.Form):
    """A ticket for looking from elsewhere."""

    vantage = forms.ChoiceField(
        label=_("From where it will look"),
        choices=[
            ("open", _("From an open network (outside, over the internet)")),
            ("secure", _("From a secure network (closed network, VPN)")),
            ("internal", _("From inside, where this server does not reach")),
        ],
    )
    days = forms.IntegerField(label=_("Valid for how many days"), min_value=1, max_value=31, initial=7)


class WithdrawForm(forms.Form):
    """Why a ticket is withdrawn."""

    reason = ReasonField(max_length=500)


class BundlesForm(forms.Form):
    """What was seen from elsewhere, as it was brought here."""

    seen = FilesField(label=_("Files with what was seen"), required=True)

    def clean_seen(self) -> "list[UploadedFile[Any]]":
        """Return the files. Raises ValidationError for none."""
        files: list[UploadedFile[Any]] = self.cleaned_data["seen"]
        if not files:
            raise forms.ValidationError(forms.Field.default_error_messages["required"], code="required")
        return files


class ResultsForm(forms.Form):
    """The results of another tool, about one system."""

    file = forms.FileField(
        label=_("File with the results"),
        help_text=_(
            "lynis-report.dat, XCCDF 1.2, ARF, OCSF (Prowler), JSON of testssl.sh, gitleaks, TruffleHog, SARIF; 20 MiB."
        ),
    )
    system = forms.ChoiceField(label=_("System that it is about"))
    ran_on = JapaneseDateField(label=_("Day on which the tool ran, if the file does not say it"), required=False)
    scanned = forms.CharField(
        label=_("What was looked through, for gitleaks, TruffleHog and SARIF"),
        required=False,
        max_length=300,
        help_text=_("The computer and its directories. The passwords in such a file are left out when it is read."),
    )
    wanted = forms.ChoiceField(
        label=_("Format, if it is not recognised"),
        required=False,
        choices=[("", _("Recognised by itself")), *((name, name) for name in FORMATS)],
    )
    only_look = forms.BooleanField(label=_("Only show what it says; store nothing yet"), required=False, initial=True)

    def __init__(self, *args: Any, systems: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["system"]).choices = [("", _("Choose")), *systems]
