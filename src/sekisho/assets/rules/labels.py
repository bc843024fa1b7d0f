"""Sheets of labels on A4, and on which place of which sheet a label stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
_A4 = (210.0, 297.0)  # millimetres
MOST_LABELS = 2000


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet that shops sell: ``columns`` times ``rows`` labels of ``width`` times ``height`` millimetres."""

    id: str
    columns: int
    rows: int
    width: float
    height: float

    @property
    def count(self) -> int:
        """How many labels a sheet holds."""
        return self.columns * self.rows

    @property
    def left(self) -> float:
        """The margin left and right, in millimetres: the labels stand in the middle of the sheet."""
        return round((_A4[0] - self.columns * self.width) / 2, 2)

    @property
    def top(self) -> float:
        """The margin above and below, in millimetres."""
        return round((_A4[1] - self.rows * self.height) / 2, 2)


LAYOUTS: tuple[Layout, ...] = (
    Layout("24", 3, 8, 66.0, 33.9),
    Layout("44", 4, 11, 48.3, 25.4),
    Layout("12", 2, 6, 83.8, 42.3),
)


def layout(name: str) -> Layout | None:
    """Return the sheet of this name, None for none."""
    return next((one for one in LAYOUTS if one.id == name), None)


def on_sheets(labels: Sequence[T], per_sheet: int, used: int) -> list[list[T | None]]:
    """Return the labels sheet by sheet; ``used`` places of the first sheet stay empty.

    The last sheet is not filled up. Without labels there is no sheet.
    """
    if not labels:
        return []
    places: list[T | None] = [*[None] * (used % per_sheet), *labels]
    return [places[start : start + per_sheet] for start in range(0, len(places), per_sheet)]
