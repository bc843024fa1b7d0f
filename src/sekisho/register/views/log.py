"""The log over HTTPS, as C2SP tlog-tiles has it: checkpoint and hashes for everybody, entries for who may read them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow, public
from sekisho.kernel.errors import NotFound
from sekisho.register.actions import RegisterAction
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT, ENTRIES, Tile, read_path
from sekisho.register.queries import log_file
from sekisho.register.services.reading import read_bundle
from sekisho.ui.request import Request

_BYTES = "application/octet-stream"
_FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
@public
def show_checkpoint(_request: HttpRequest) -> HttpResponse:
    """Give the signed head of the log, as it is."""
    note = Disk(settings.REGISTER_FOLDER).read(CHECKPOINT)
    if note is None:
        raise NotFound
    return HttpResponse(note, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
@public
def show_tile(_request: HttpRequest, place: str) -> HttpResponse:
    """Give hashes that the checkpoint speaks of. They say nothing of what was recorded."""
    data = log_file(_tile(place))
    if data is None:
        raise NotFound
    return HttpResponse(data, content_type=_BYTES, headers={"Cache-Control": _FOR_GOOD})


@require_safe
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
