"""Settings of the screen lock as real terminals export them, with the values left open."""

import plistlib
from typing import Any

HEADER = "Windows Registry Editor Version 5.00"
MACHINE_KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
USER_KEY = r"HKEY_CURRENT_USER\Control Panel\Desktop"
POLICY_KEY = r"HKEY_CURRENT_USER\Software\Policies\Microsoft\Windows\Control Panel\Desktop"
GOOD_SAVER = {
    "ScreenSaveActive": "1",
    "ScreenSaverIsSecure": "1",
    "ScreenSaveTimeOut": "600",
    "SCRNSAVE.EXE": "C:\\\\Windows\\\\system32\\\\scrnsave.scr",
}


def registry(*parts: str) -> bytes:
    """Return what ``reg export`` writes: UTF-16 with a mark, Windows line ends."""
    text = "\n\n".join([HEADER, *parts]) + "\n\n"
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")


def machine(limit: int | None) -> str:
    """Return the part of the machine, with the values that stand beside the limit on every terminal."""
    lines = [f"[{MACHINE_KEY}]", '"ConsentPromptBehaviorAdmin"=dword:00000005', '"legalnoticetext"="注意:\n[自分の席]"']
    lines += [f'"InactivityTimeoutSecs"=dword:{limit:08x}'] if limit is not None else []
    return "\n".join([*lines, rf"[{MACHINE_KEY}\UIPI]", r"@=hex(7):00,00,\ ".rstrip(), "  61,00,00,00"])


def user(key: str = USER_KEY, **values: str | None) -> str:
    """Return a user's part; None leaves a value out."""
    held = {**GOOD_SAVER, **values}
    lines = [f"[{key}]", '"UserPreferencesMask"=hex:9e,1e,07,80,12,00,00,00']
    return "\n".join([*lines, *(f'"{name}"="{value}"' for name, value in held.items() if value is not None)])


def template(limit: int | None) -> bytes:
    """Return what ``secedit /export`` writes."""
    path = r"MACHINE\Software\Microsoft\Windows\CurrentVersion\Policies\System"
    lines = ["[Unicode]", "Unicode=yes", "[System Access]", "MinimumPasswordLength = 13", "[Registry Values]"]
    lines += [rf"{path}\EnableLUA=4,1", *([rf"{path}\InactivityTimeoutSecs=4,{limit}"] if limit is not None else [])]
    lines += [r'MACHINE\Software\Microsoft\Windows NT\CurrentVersion\Winlogon\ScreenSaverGracePeriod=1,"5"']
    lines += ["[Version]", 'signature="$CHICAGO$"', "Revision=1"]
    return b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le")


def profile(kind: str = "com.apple.screensaver", **settings: Any) -> bytes:
    """Return a configuration profile with one payload."""
    payload = {"PayloadType": kind, "PayloadIdentifier": "jp.example.lock", **settings}
    return plistlib.dumps({"PayloadType": "Configuration", "PayloadDisplayName": "病棟", "PayloadContent": [payload]})


def managed(**settings: Any) -> bytes:
    """Return the same settings as managed preferences."""
    content = {"com.apple.screensaver": {"Forced": [{"mcx_preference_settings": settings}]}}
    return profile("com.apple.ManagedClient.preferences", PayloadContent=content)


def dump(idle: str | None, lock: str | None = "true", delay: str | None = "uint32 0") -> bytes:
    """Return what ``dconf dump /`` writes."""
    lines = ["[org/gnome/desktop/interface]", "font-name='Noto Sans CJK JP 11'", "", "[org/gnome/desktop/session]"]
    lines += [f"idle-delay={idle}"] if idle is not None else []
    lines += ["", "[org/gnome/desktop/screensaver]"]
    lines += [f"lock-enabled={lock}"] if lock is not None else []
    lines += [f"lock-delay={delay}"] if delay is not None else []
    return "\n".join([*lines, ""]).encode()


def listed(idle: int) -> bytes:
    """Return what ``gsettings list-recursively`` writes."""
    return (
        f"org.gnome.desktop.session idle-delay uint32 {idle}\n"
        "org.gnome.desktop.screensaver lock-delay uint32 0\n"
        "org.gnome.desktop.screensaver lock-enabled true\n"
        "org.gnome.desktop.lockdown disable-lock-screen false\n"
    ).encode()
