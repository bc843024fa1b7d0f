"""Why a file is refused as a terminal's settings. No error ever quotes the file: an export may hold passwords."""

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _


class LockSettingsTooLarge(InvalidInput):
    """A whole registry, or no settings at all."""

    code = "assets.lock_settings_too_large"
    message = _("The file is larger than %(most)s KiB.")
    hint = _("Export only the keys that this page names, not the whole registry.")


class LockSettingsUnknown(InvalidInput):
    """None of the kinds that are read."""

    code = "assets.lock_settings_unknown"
    message = _("The kind of file was not recognised.")
    hint = _(
        "These are read: an export of the Windows registry (.reg), of the security settings (secedit, .inf), an Apple "
        "profile without signature (.mobileconfig), and GNOME settings as text."
    )


class LockSettingsUnreadable(InvalidInput):
    """It looks like one of the kinds, but cannot be read with certainty."""

    code = "assets.lock_settings_unreadable"
    message = _("The file cannot be read: %(reason)s")
    hint = _("Export it once more and hand it in as it is.")


class LockSettingsSilent(InvalidInput):
    """It was read, and says nothing of the screen lock."""

    code = "assets.lock_settings_silent"
    message = _("The file says nothing of the screen lock.")
    hint = _("Export the keys that this page names, on the terminal itself.")
