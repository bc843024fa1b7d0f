"""Every read of the assets that other apps need: what uses an entry of the estate, and the groups of devices."""

from collections.abc import Sequence

from sekisho.assets.models import (
    Disposal,
    Equipment,
    Information,
    Medium,
    Patch,
    PrivateDevice,
    Room,
    Scan,
    Software,
    TakeOut,
)
from sekisho.assets.queries.groups import subjects
from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import Usage

__all__ = ["AssetUsage", "subjects", "usage"]
_COLUMNS = {
    "system": (Equipment, Medium, Information, Software, Patch, PrivateDevice, Scan, Disposal),
    "department": (Equipment, Medium, Information, PrivateDevice, TakeOut),
    "vendor": (Equipment, Software, TakeOut, Disposal),
    "site": (Room,),
}


class AssetUsage:
    """The assets' answer to the port Usage."""

    def users_of(self, kind: str, entry_id: str) -> Sequence[str]:
        """Return the names of entries in use that belong to an entry of the estate, at most ten."""
        found: list[str] = []
        for model in _COLUMNS.get(kind, ()):
            rows = model._default_manager.filter(closed_at=None, struck_at=None, **{kind: entry_id})
            found += [str(row) for row in rows.order_by("number")[:10]]
        return found[:10]


usage = Provider(Usage, AssetUsage())
