"""What lies in the folder or zip file besides the tiles that the checkpoint needs."""

import re

from sekisho_verify.errors import Refused
from sekisho_verify.merkle import HASH_BYTES
from sekisho_verify.paths import Place, parse, width_at
from sekisho_verify.report import Part, Report
from sekisho_verify.tiles import MOST_BUNDLE_BYTES, MOST_TILE_BYTES, Tiles

_ROTATION = re.compile(r"rotation-[0-9a-f]{8}")


def check_structure(tiles: Tiles, report: Report) -> None:
    """Look at every path. Old partial tiles must be what stands at the beginning of the present ones."""
    report.looked_at(Part.STRUCTURE)
    listing = tiles.source.listing()
    if listing is None:
        report.remark(Part.STRUCTURE, "listing.none")
        return
    try:
        for path in listing:
            _look(path, tiles, report)
    except Refused as refused:
        report.bad(Part.STRUCTURE, refused.code, path=refused.path)


def _look(path: str, tiles: Tiles, report: Report) -> None:
    if path == "checkpoint" or _ROTATION.fullmatch(path):
        return
    place = parse(path)
    if place is None:
        _foreign(path, report)
        return
    wanted = width_at(tiles.size, place.level, place.number)
    if place.width > wanted:
        report.unknown(Part.STRUCTURE, "file.beyond", path=path, size=tiles.size)
    if wanted and place.width != wanted:
        _compare(place, wanted, tiles, report)


def _foreign(path: str, report: Report) -> None:
    if path.startswith("tile/") or path == "tile":
        report.unknown(Part.STRUCTURE, "file.foreign", path=path)
    else:
        report.remark(Part.STRUCTURE, "file.beside", path=path)


def _compare(place: Place, wanted: int, tiles: Tiles, report: Report) -> None:
    """Hold an older partial resource, or one that has grown since, against the present one."""
    most = MOST_BUNDLE_BYTES if place.level is None else MOST_TILE_BYTES
    try:
        present = tiles.bundle(place.number) if place.level is None else tiles.tile(place.level, place.number)
        other = tiles.source.read(place.path, most)
    except Refused as refused:
        if refused.path == place.path:
            report.bad(Part.STRUCTURE, refused.code, path=refused.path)
        return  # what is the matter with the present one is said by the walk
    if other is None:
        return
    right_length = place.level is None or len(other) == place.width * HASH_BYTES
    longer, shorter = (other, present) if place.width > wanted else (present, other)
    if not right_length or not longer.startswith(shorter):
        report.bad(Part.STRUCTURE, "file.older", path=place.path)
