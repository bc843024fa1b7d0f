"""The log over HTTPS, as C2SP tlog-tiles has it: checkpoint and hashes for everybody, entries for who may read them."""

import re
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow, public
from sekisho.kernel.errors import NotFound, Unauthenticated
from sekisho.register.actions import RegisterAction
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT, ENTRIES, Tile, read_path
from sekisho.register.log.rotations import PREFIX
from sekisho.register.queries import log_file
from sekisho.register.services.reading import read_bundle
from sekisho.ui.request import Request

_BYTES = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
@public
def show_checkpoint(_request: HttpRequest) -> HttpResponse:
    """Give the signed head of the log, as it is."""
    note = Disk(settings.REGISTER_FOLDER).read(CHECKPOINT)
    if note is None:
        raise NotFound
    return HttpResponse(note, content_type=_TEXT, headers={"Cache-Control": "no-cache"})


@require_safe
@public
def show_rotation(_request: HttpRequest, key: str) -> HttpResponse:
    """Give what leads from the key before to the one with this id: two public keys and a signed head."""
    found = Disk(settings.REGISTER_FOLDER).read(f"{PREFIX}{key}") if _KEY_ID.fullmatch(key) else None
    if found is None:
        raise NotFound
    return HttpResponse(found, content_type=_TEXT, headers={"Cache-Control": "no-cache"})


@require_safe
@public
def show_tile(_request: HttpRequest, place: str) -> HttpResponse:
    """Give hashes that the checkpoint speaks of. They say nothing of what was recorded."""
    data = log_file(_tile(place))
    if data is None:
        raise NotFound
    return HttpResponse(data, content_type=_BYTES, headers={"Cache-Control": _FOR_GOOD})


def _for_programs(view: Callable[[Request, str], HttpResponse]) -> Callable[[Request, str], HttpResponse]:
    """Answer a visitor without leave to read by the plain status: whoever reads bundles can do nothing with a page."""

    @wraps(view)
    def answered(request: Request, place: str) -> HttpResponse:
        try:
            return view(request, place)
        except Unauthenticated as error:
            return HttpResponse(f"{error.text}\n", status=error.status, content_type=_TEXT)

    return answered


@require_safe
@_for_programs
@allow(RegisterAction.READ_ENTRIES)
def show_entries(request: Request, place: str) -> HttpResponse:
    """Give the entries of a bundle; that they were read is recorded."""
    data = read_bundle(actor=request.actor, tile=_tile(f"{ENTRIES}/{place}"))
    return HttpResponse(data, content_type=_BYTES, headers={"Cache-Control": "no-store"})


def _tile(place: str) -> Tile:
    tile = read_path(f"tile/{place}")
    if tile is None:
        raise NotFound
    return tile
