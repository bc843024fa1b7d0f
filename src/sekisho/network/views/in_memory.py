"""Uploads that touch no disk: a configuration holds passwords, and Django would put a large one into a file."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from sekisho.network.rules.readers.source import LARGEST
from sekisho.ui.request import Request

View = Callable[..., HttpResponse]


class MemoryOnly(MemoryFileUploadHandler):
    """Keeps a file in memory whatever its size; of one that is too large only its size is told."""

    def handle_raw_input(self, *_arguments: Any, **_options: Any) -> None:
        """Take every upload."""
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Take a piece, unless the file is too large already."""
        return super().receive_data_chunk(raw_data, start) if start <= LARGEST else None


def in_memory(view: View) -> View:
    """Let a view take its files in memory only.

    The form's token is looked at inside: looking at it first would have read the files by then.
    """
    protected = csrf_protect(view)

    @wraps(view)
    def handled(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [MemoryOnly(request)]
        return protected(request, *args, **kwargs)

    return csrf_exempt(handled)
