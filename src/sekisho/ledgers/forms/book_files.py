"""Forms of the files of an entry: attaching one, withdrawing one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ui.forms import ReasonField


class AttachForm(forms.Form):
    """The file that is to be attached."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("At most 10 MiB. A file of the same name becomes its next version; the older one stays."),
        max_length=255,
    )


class WithdrawForm(forms.Form):
    """Why a file no longer counts."""

    reason = ReasonField()
