"""The ways in which a terminal locks by itself, as its settings tell them."""

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """The kinds of file that are read."""

    REGISTRY = "registry"  # reg export
    TEMPLATE = "template"  # secedit /export
    APPLE = "apple"  # .mobileconfig
    GNOME = "gnome"  # dconf dump, gsettings list-recursively, a keyfile


class Family(StrEnum):
    """What a terminal runs: settings of another family say nothing of it any more."""

    WINDOWS = "windows"
    APPLE = "apple"
    GNOME = "gnome"


FAMILIES = {
    Dialect.REGISTRY: Family.WINDOWS,
    Dialect.TEMPLATE: Family.WINDOWS,
    Dialect.APPLE: Family.APPLE,
    Dialect.GNOME: Family.GNOME,
}


class Way(StrEnum):
    """How a terminal may lock by itself. Any one of them is enough."""

    MACHINE_LIMIT = "machine_limit"  # Windows: InactivityTimeoutSecs, for every user
    SCREEN_SAVER = "screen_saver"  # with a password on return; Windows: of the users whose settings were handed in
    PASSCODE = "passcode"  # Apple: the passcode's own limit
    SESSION = "session"  # GNOME: blank, then lock


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way that was seen: ``seconds`` without use until the screen asks again, None where it never does.

    ``because`` names the setting that switches it off, as it is spelt in the file. ``enforced`` tells that no user can
    change it.
    """

    way: Way
    seconds: int | None
    because: str = ""
    enforced: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it stands in the file, for the page: where, its name and its value."""

    place: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says. A way that is not among ``mechanisms`` cannot be told from it."""

    dialect: Dialect
    mechanisms: tuple[Mechanism, ...]
    settings: tuple[Setting, ...]

    @property
    def family(self) -> Family:
        """What the terminal runs."""
        return FAMILIES[self.dialect]
