"""Sample configurations, written by us in each vendor's style, and what the tests ask of every one of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sekisho.network.rules.configuration import Profile, judge, parse_profile
from sekisho.network.rules.drift import normalise
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.readers import Dialect, Reading, read_configuration

KEY = bytes(range(32))
SAMPLES = Path(__file__).with_name("samples")
PROFILES = Path(judge.__code__.co_filename).parents[2] / "profiles"
SOUND = {
    "yamaha": "yamaha.txt",
    "fortios": "fortios.txt",
    "cisco_ios": "cisco_ios.txt",
    "cisco_asa": "cisco_asa.txt",
    "swanctl": "swanctl.conf",
    "ipsec_conf": "ipsec.conf",
    "hostapd": "hostapd.conf",
    "wifi_export": "wifi.csv",
}


def pieces(file: str) -> dict[str, list[str]]:
    """Return the pieces of configuration in a file of samples, by kind."""
    _head, *parts = (SAMPLES / file).read_text(encoding="utf8").split("== ")
    named = (part.split("\n", 1) for part in parts)
    return {kind: body.removesuffix("\n").split("\n--\n") for kind, body in named}


def profile() -> Profile:
    """Return the profile that is shipped."""
    return parse_profile((PROFILES / "configuration.yaml").read_text(encoding="utf8"))


PROFILE = profile()


def sample(kind: str, *edits: tuple[str, str]) -> str:
    """Return a sound configuration with ``edits``; each must find what it replaces. "" is replaced by appending."""
    text = (SAMPLES / SOUND[kind]).read_text(encoding="utf8")
    for old, new in edits:
        if old == "":
            text += new
            continue
        assert old in text, old
        text = text.replace(old, new)
    return text


def read(text: str | bytes, dialect: Dialect | None = None) -> Reading:
    """Read a configuration under the key of the tests."""
    return read_configuration(text.encode() if isinstance(text, str) else text, key=KEY, dialect=dialect)


def remarks(text: str, line_kind: str | None = None) -> tuple[Judged, ...]:
    """Return every remark about a configuration."""
    return judge(PROFILE, read(text).configuration, line_kind)


def codes(found: Iterable[Judged], *levels: Level) -> set[str]:
    """Return the codes of the remarks at ``levels``."""
    return {remark.code for remark in found if remark.level in levels}


def the(found: Iterable[Judged], code: str) -> Judged:
    """Return the one remark with ``code``."""
    (remark,) = [each for each in found if each.code == code]
    return remark


def without_lines(found: Iterable[Judged]) -> list[str]:
    """Return the remarks as sorted text, without the numbers of lines: what they say, wherever it stands."""
    return sorted(json.dumps(_bare(remark.document()), sort_keys=True) for remark in found)


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key != "lines"}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def everything(reading: Reading) -> str:
    """Return all that ever leaves a reading: its own form, the remarks, the normalised text."""
    found = judge(PROFILE, reading.configuration)
    kept = normalise(reading)
    parts = [repr(reading), str(reading.reason), repr(found), kept.text(), repr(kept)]
    parts += [json.dumps(remark.document(), ensure_ascii=False) for remark in found]
    parts += [str(remark.message) for remark in found]
    parts.append(json.dumps(kept.document(), ensure_ascii=False))
    return "\n".join(parts)
