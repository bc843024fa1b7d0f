"""The form of SSH public keys."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.services.ssh_keys import LONGEST_NAME


class SshKeyForm(forms.Form):
    """A key as it was pasted. It is never shown again: what was pasted may be a private key, or a part of one."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=LONGEST_NAME,
        help_text=_("By which you will know it again: “Computer in the office”, “Security key, blue”."),
    )
    key = forms.CharField(
        label=_("Public key"),
        help_text=_(
            "The one line of the file that ends in .pub. Never the file without an ending: that one is private."
        ),
        widget=forms.Textarea(
            attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )

    def hide_key(self) -> None:
        """Take what was pasted out of the form."""
        data: Any = self.data
        self.data = data.copy()
        cast("Any", self.data)["key"] = ""
