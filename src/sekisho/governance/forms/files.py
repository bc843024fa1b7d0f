"""Several files in one field of a form; used by claims, documents and what was seen from elsewhere."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.text import Text
from sekisho.kernel.text import _ as N_
from sekisho.ledgers.errors import FilesRefused
from sekisho.ledgers.services import LARGEST_FILE, LARGEST_TOGETHER, MOST_FILES

_MEBIBYTE = 2**20
_MOST = N_("At most %(most)s files of %(size)s MiB each, %(together)s MiB together.")


class FilesInput(forms.FileInput):
    """A box for several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return every file that came under ``name``."""
        return files.getlist(name) if isinstance(files, MultiValueDict) else []


class FilesField(forms.FileField):
    """Several files. Number and sizes are looked at before anything is read into memory."""

    widget = FilesInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Files"))
        options.setdefault("required", False)
        # A plain Text: formatting a lazy string here would fix the language of the first import.
        options.setdefault("help_text", _bounds(_MOST))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the files. Raises ValidationError for too many, or for what is too large."""
        files: list[UploadedFile[Any]] = list(data or [])
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_refused(files[MOST_FILES], N_("there are too many files.")))
        for file in files:
            if (file.size or 0) > LARGEST_FILE:
                raise forms.ValidationError(_refused(file, N_("it is too large.")))
        if files and sum(file.size or 0 for file in files) > LARGEST_TOGETHER:
            raise forms.ValidationError(_refused(files[-1], N_("the files are too large together.")))
        return files


def _bounds(text: Text) -> Text:
    """Return a text about files with how many and how large they may be."""
    most, size, together = MOST_FILES, LARGEST_FILE // _MEBIBYTE, LARGEST_TOGETHER // _MEBIBYTE
    return text.with_params(most=most, size=size, together=together)


def _refused(file: "UploadedFile[Any]", reason: object) -> str:
    named = FilesRefused.message.with_params(name=(file.name or "")[:100], reason=reason)
    return f"{named} {_bounds(FilesRefused.hint)}"
