"""What files of settings say of the screen lock: read with certainty or refused, and judged three ways."""

import plistlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sekisho.assets.rules.screen_lock import LARGEST, Dialect, Level, Mechanism, Reading, Way, judge, read_settings
from sekisho.assets.rules.screen_lock.errors import (
    LockSettingsSilent,
    LockSettingsTooLarge,
    LockSettingsUnknown,
    LockSettingsUnreadable,
)
from tests.assets.screen_lock_files import (
    HEADER,
    MACHINE_KEY,
    POLICY_KEY,
    USER_KEY,
    dump,
    listed,
    machine,
    managed,
    profile,
    registry,
    template,
    user,
)

H, B, U = Level.HOLDS, Level.BREAKS, Level.UNKNOWN
SAVER: dict[str, Any] = {"askForPassword": True, "askForPasswordDelay": 5, "idleTime": 600}
PASSCODE = "com.apple.mobiledevice.passwordpolicy"
OTHER_USER = r"HKEY_USERS\S-1-5-21-1-2-3-1001\Control Panel\Desktop"
SYSTEM_USER = r"HKEY_USERS\.DEFAULT\Control Panel\Desktop"
NO_LOCK = (
    '[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System]\n"DisableLockWorkstation"'
)


def level(*files: bytes, minutes: int = 15) -> tuple[Level, int | None]:
    """Return what the files of one terminal come to, the newest first, and after how many seconds it locks."""
    found = judge([read_settings(file) for file in files], minutes)
    return found.level, found.seconds


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([registry(machine(900))], (H, 900)),
        ([registry(machine(901))], (U, None)),
        ([registry(machine(901), user(ScreenSaveTimeOut="1200"))], (B, 901)),
        ([registry(machine(None), user())], (H, 600)),
        ([registry(machine(0), user(ScreenSaverIsSecure="0"))], (B, None)),
        ([registry(machine(None), user(ScreenSaverIsSecure=None))], (B, None)),
        ([registry(machine(None), user(ScreenSaveTimeOut=None))], (U, None)),
        ([registry(machine(None), user(**{"SCRNSAVE.EXE": None}))], (B, None)),
        ([registry(machine(None), user(**{"SCRNSAVE.EXE": ""}))], (B, None)),
        ([registry(user())], (H, 600)),
        ([registry(user(ScreenSaveActive="0"))], (U, None)),
        # The policy goes before what the user chose, value by value.
        ([registry(user(ScreenSaverIsSecure="0"), user(POLICY_KEY))], (H, 600)),
        ([registry(machine(0), user(), user(POLICY_KEY, ScreenSaveTimeOut="3600"))], (B, 3600)),
        ([registry(machine(0), user(POLICY_KEY, ScreenSaverIsSecure=None))], (U, None)),
        # Of several users the worst counts; the sign-in screen's own hive is nobody's.
        ([registry(machine(0), user(), user(OTHER_USER, ScreenSaverIsSecure="0"))], (B, None)),
        ([registry(machine(0), user(), user(SYSTEM_USER, ScreenSaverIsSecure="0"))], (H, 600)),
        # Who forbids locking by hand has no lock at all.
        ([registry(machine(600), user(), f"{NO_LOCK}=dword:00000001")], (B, None)),
        ([registry(machine(600), user(), f"{NO_LOCK}=dword:00000000")], (H, 600)),
        # The two parts come as two files; the newer word about a part counts.
        ([registry(user(ScreenSaveActive="0")), registry(machine(600))], (H, 600)),
        ([registry(machine(0)), registry(user(ScreenSaveActive="0")), registry(machine(600))], (B, None)),
        ([template(900)], (H, 900)),
        ([template(None), registry(user(ScreenSaveActive="0"))], (B, None)),
        ([profile(**SAVER)], (H, 605)),
        ([managed(**SAVER)], (H, 605)),
        ([profile(**{**SAVER, "askForPasswordDelay": 2147483647})], (B, 2147484247)),
        ([profile(**{**SAVER, "askForPassword": False})], (B, None)),
        ([profile(**{**SAVER, "idleTime": 0})], (B, None)),
        ([profile(askForPassword=True, idleTime=600)], (U, None)),
        ([profile(PASSCODE, forcePIN=True, maxInactivity=5, maxGracePeriod=1)], (H, 360)),
        ([profile(PASSCODE, forcePIN=True, maxInactivity=15, maxGracePeriod=1)], (B, 960)),
        ([profile(PASSCODE, forcePIN=False, maxInactivity=5, maxGracePeriod=0)], (B, None)),
        ([dump("uint32 300")], (H, 300)),
        ([dump("uint32 0")], (B, None)),
        ([dump("uint32 300", lock="false")], (B, None)),
        ([dump("uint32 300", delay="uint32 3600")], (B, 3900)),
        ([dump("uint32 300", delay=None)], (U, None)),
        ([dump(None)], (U, None)),
        ([listed(900)], (H, 900)),
        ([listed(300).replace(b"disable-lock-screen false", b"disable-lock-screen true")], (B, None)),
        # What the terminal ran before does not count any more.
        ([dump("uint32 0"), registry(machine(300))], (B, None)),
        ([], (U, None)),
    ],
)
def test_settings_as_terminals_have_them(files: list[bytes], expected: tuple[Level, int | None]) -> None:
    assert level(*files) == expected


def test_what_stands_in_a_text_is_no_setting() -> None:
    """A legal notice over several lines may look like anything."""
    notice = f'[{MACHINE_KEY}]\n"legalnoticetext"="a\n[{MACHINE_KEY}]\n\\"InactivityTimeoutSecs\\"=dword:0000003c\n"'
    assert level(registry(notice, user(ScreenSaveActive="0"))) == (B, None)
    removed = f'[-{MACHINE_KEY}]\n"InactivityTimeoutSecs"=dword:0000003c\n[{USER_KEY}]\n"ScreenSaveActive"="0"'
    assert level(registry(removed)) == (U, None)
    gone = f'[{MACHINE_KEY}]\n"InactivityTimeoutSecs"=dword:0000003c\n"InactivityTimeoutSecs"=-'
    assert level(registry(gone, user(ScreenSaveActive="0"))) == (B, None)


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_whatever_the_letters_were_saved_in(encode: str) -> None:
    """Somebody opens the export in an editor and saves it."""
    assert level(registry(machine(600)).decode("utf-16").encode(encode)) == (H, 600)


def test_nothing_but_the_settings_of_the_lock_is_taken_over() -> None:
    """An export may hold the password of an automatic sign-in."""
    winlogon = r"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon]"
    secret = f'{winlogon}\n"DefaultPassword"="geheim"\n"ScreenSaverGracePeriod"="5"'
    found = read_settings(registry(machine(600), secret))
    assert found.dialect is Dialect.REGISTRY
    assert {one.name: one.value for one in found.settings} == {
        "InactivityTimeoutSecs": "600",
        "ScreenSaverGracePeriod": "5",
    }
    assert "geheim" not in repr(found)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", LockSettingsUnknown),
        (b"MZ\x90\x00 not text \xff\xfe\x81", LockSettingsUnreadable),
        (b"0\x82" + bytes(range(256)), LockSettingsUnreadable),
        (b"x" * (LARGEST + 1), LockSettingsTooLarge),
        (f"{HEADER}\n\n[{MACHINE_KEY}]\nrubbish\n".encode(), LockSettingsUnreadable),
        (f'{HEADER}\n\n[{MACHINE_KEY}]\n"never closed=dword:1\n'.encode(), LockSettingsUnreadable),
        (f'{HEADER}\n\n[{USER_KEY}]\n"ScreenSaveTimeOut"="soon"\n"ScreenSaveActive"="1"\n'
         '"ScreenSaverIsSecure"="1"\n"SCRNSAVE.EXE"="a"\n'.encode(), LockSettingsUnreadable),
        (f"{HEADER}\n".encode(), LockSettingsSilent),
        (registry(r"[HKEY_CURRENT_USER\Software\7-Zip]" + '\n"Lang"="ja"'), LockSettingsSilent),
        (template(900).replace("4,900".encode("utf-16-le"), "4,x".encode("utf-16-le")), LockSettingsUnreadable),
        (b"[Registry Values]\r\nMACHINE=4,1\r\n", LockSettingsUnreadable),
        (b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "b">]><plist>&a;</plist>', LockSettingsUnreadable),
        (profile(**SAVER)[:200], LockSettingsUnreadable),
        (b'<?xml version="1.0"?><plist version="1.0"><array/></plist>', LockSettingsUnreadable),
        (profile(askForPassword=True, askForPasswordDelay="soon", idleTime=600), LockSettingsUnreadable),
        (profile("com.apple.wifi.managed", SSID_STR="ward"), LockSettingsSilent),
        (b"[org/gnome/desktop/session]\nidle-delay=soon\n", LockSettingsUnreadable),
        (b"[org/gnome/desktop/session]\nidle-delay\n", LockSettingsUnreadable),
        (b"[org/gnome/desktop/interface]\nfont-name='a'\n", LockSettingsSilent),
        ("端末は5分で閉じます。".encode(), LockSettingsUnknown),
    ],
)  # fmt: skip
def test_what_is_no_file_of_settings_is_refused_with_its_reason(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_settings(content)


_STARTS = [HEADER.encode(), b"REGEDIT4", b"[Registry Values]\n", b"<?xml version='1.0'?>", b"[org/gnome/x]\n", b""]
_PIECES = [b'"', b"\\", b"[", b"]", b"=", b"dword:", b"hex:", b"\n", b";", b"<dict>", b"<key>", b"MACHINE\\", b"4,"]
_RUBBISH = st.builds(
    lambda start, rest: start + b"\n" + b"".join(rest),
    st.sampled_from(_STARTS),
    st.lists(st.sampled_from(_PIECES) | st.binary(max_size=8), max_size=30),
)


@given(_RUBBISH | st.binary(max_size=200))
@example(b'<?xml version="1.0"?><plist><dict><key>a</key></dict></plist>')
@example(b'<?xml version="1.0"?><plist><dict><integer>x</integer></dict></plist>')
@example(b'<?xml version="1.0"?><plist><date>x</date></plist>')
@example(b"<plist><data>*</data></plist>")
@example(b'<?xml version="1.0" encoding="ATF-8"?><plist/>')
def test_rubbish_gives_a_clear_error_or_nothing_that_holds(content: bytes) -> None:
    """Whatever comes, it is refused in words; and no rubbish locks a screen."""
    try:
        found = judge([read_settings(content)], 15).level
    except (LockSettingsSilent, LockSettingsTooLarge, LockSettingsUnknown, LockSettingsUnreadable):
        return
    assert found is not Level.HOLDS


@given(st.binary(min_size=1, max_size=4), st.integers(min_value=0))
def test_a_damaged_file_never_locks_earlier_than_the_whole_one(noise: bytes, place: int) -> None:
    """Bytes lost or changed on the way are refused, or change nothing for the better."""
    whole = plistlib.dumps({"PayloadContent": [{"PayloadType": "x", "idleTime": 60}]})
    at = place % len(whole)
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    try:
        found = judge([read_settings(damaged)], 15).level
    except (LockSettingsSilent, LockSettingsUnknown, LockSettingsUnreadable):
        return
    assert found is not Level.HOLDS


_WAYS = st.builds(Mechanism, st.sampled_from([Way.MACHINE_LIMIT, Way.SCREEN_SAVER]), st.none() | st.integers(1, 7200))
_READINGS = st.lists(
    st.builds(lambda ways: Reading(Dialect.REGISTRY, tuple(ways), ()), st.lists(_WAYS, max_size=2)), max_size=4
)


@given(_READINGS, st.integers(1, 30), st.integers(1, 30))
def test_a_stricter_bound_never_judges_better(readings: list[Reading], one: int, other: int) -> None:
    order = [Level.BREAKS, Level.UNKNOWN, Level.HOLDS]
    strict, loose = (order.index(judge(readings, minutes).level) for minutes in sorted([one, other]))
    assert strict <= loose


@given(_READINGS, st.integers(1, 30))
def test_only_what_locks_in_time_holds(readings: list[Reading], minutes: int) -> None:
    found = judge(readings, minutes)
    assert (found.level is Level.HOLDS) == (found.seconds is not None and found.seconds <= minutes * 60)
