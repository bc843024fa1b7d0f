"""Tables of the assets."""

from sekisho.assets.models.equipment import Equipment, EquipmentKind, EquipmentState, Protection
from sekisho.assets.models.media import Medium, MediumKind

__all__ = ["Equipment", "EquipmentKind", "EquipmentState", "Medium", "MediumKind", "Protection"]
