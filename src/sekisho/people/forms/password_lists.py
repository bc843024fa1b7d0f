"""The form for handing in another system's password hashes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.rules.password_lists import LARGEST
from sekisho.people.services.password_lists import DAYS, MOST_DAYS


class PasswordListForm(forms.Form):
    """A file of hashes, and for how long what is left of it is kept."""

    file = forms.FileField(
        label=_("File with the password hashes"),
        help_text=_("One account a line: “login:hash”, or “login:number:LM:NT:::” of Windows. At most 5 MiB."),
    )
    days = forms.IntegerField(label=_("Delete after how many days"), min_value=1, max_value=MOST_DAYS, initial=DAYS)
    understood = forms.BooleanField(
        label=_("I know that such a file is as dangerous as the passwords, and delete it wherever else it lies.")
    )

    def clean_file(self) -> bytes:
        """Return the bytes, one more than may be where it is too large."""
        file: Any = self.cleaned_data["file"]
        data: bytes = file.read(LARGEST + 1)
        return data
