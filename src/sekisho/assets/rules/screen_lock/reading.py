"""Reading a file of settings: its letters, its kind, what it says of the screen lock."""

import codecs

from sekisho.assets.rules.screen_lock import apple, gnome, registry_file, security_template, windows
from sekisho.assets.rules.screen_lock.errors import (
    LockSettingsSilent,
    LockSettingsTooLarge,
    LockSettingsUnknown,
    LockSettingsUnreadable,
)
from sekisho.assets.rules.screen_lock.mechanisms import Dialect, Mechanism, Reading, Setting
from sekisho.kernel.text import _

LARGEST = 2 * 2**20
_KIB = 2**10
_GNOME_MARKS = ("[org/gnome/", "[org.gnome.", "org.gnome.", "[/]\n", "[desktop/session]")


def read_settings(content: bytes) -> Reading:
    """Return what a file says of the screen lock.

    Raises LockSettingsTooLarge, LockSettingsUnknown, LockSettingsUnreadable, or LockSettingsSilent where it is read
    and holds none of the settings.
    """
    if len(content) > LARGEST:
        raise LockSettingsTooLarge(most=LARGEST // _KIB)
    text = _text(content)
    dialect = _dialect(text)
    mechanisms, settings = _said(dialect, text)
    if not mechanisms and not settings:
        raise LockSettingsSilent
    return Reading(dialect, mechanisms, settings)


def _said(dialect: Dialect, text: str) -> tuple[tuple[Mechanism, ...], tuple[Setting, ...]]:
    match dialect:
        case Dialect.APPLE:
            payloads = apple.parse(text)
            return apple.mechanisms_in(payloads), tuple(apple.settings_in(payloads))
        case Dialect.GNOME:
            held = gnome.parse(text)
            return gnome.mechanisms_in(held) if held else (), tuple(gnome.settings_in(held))
        case _:
            parser = registry_file if dialect is Dialect.REGISTRY else security_template
            values = parser.parse(text)
            return windows.mechanisms_in(values), tuple(windows.settings_in(values))


def _text(content: bytes) -> str:
    """Return the text with plain line ends. Windows writes UTF-16; an old export is in the code page of the machine."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise LockSettingsUnreadable(reason=_("it is no text; a signed profile must be handed in without its signature"))


def _dialect(text: str) -> Dialect:
    start = text.lstrip()
    if start.startswith(registry_file.HEADERS):
        return Dialect.REGISTRY
    if start.startswith(("<?xml", "<plist")):
        return Dialect.APPLE
    if security_template.SECTION in text.lower():
        return Dialect.TEMPLATE
    if start.startswith(_GNOME_MARKS):
        return Dialect.GNOME
    raise LockSettingsUnknown
