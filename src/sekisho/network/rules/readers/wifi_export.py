"""Wireless networks as a table: what any controller can export or a person can fill in, as CSV or JSON.

| column | meaning | values |
|---|---|---|
| ``ssid`` | name of the network (required) | text |
| ``security`` | how clients join (required) | "WPA2-Enterprise", "WPA3-SAE", "WPA2/WPA3-Personal", "WEP", "Open", … |
| ``radius`` | 802.1X with a RADIUS server | yes / no |
| ``hidden`` | the name is not broadcast, ANY connections are refused | yes / no |
| ``mac_filter`` | addresses of devices are checked | yes / no |
| ``wps`` | WPS is on | yes / no |
| ``firmware`` | version of the controller or access point | text |

An empty cell means unknown. CSV has a heading row and comma, semicolon or tab between cells, in UTF-8 or Shift_JIS;
JSON is a list of objects with these keys, or an object with that list under ``networks``. Other columns are hidden like
secrets: a controller may put pass phrases there. Headings are compared without regard to case, width and kana.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sekisho.kernel.search import fold
from sekisho.kernel.text import _
from sekisho.network.rules.device_configuration import (
    ABSENT,
    DeviceConfiguration,
    Dialect,
    Seen,
    Wifi,
    seen,
)
from sekisho.network.rules.readers.errors import UnreadableTable
from sekisho.network.rules.readers.secrets import Secrets, is_suspicious
from sekisho.network.rules.readers.source import SHIFT_JIS, UTF8, Source
from sekisho.network.rules.readers.statements import Parsed, Reader, Statement, by_path

_ALIASES = {
    "ssid": "ssid, ssid名, network, network_name, wlan, wlan_name, ネットワーク名, essid",
    "security": "security, security_mode, authentication, encryption, auth, セキュリティ, 暗号化, 暗号化方式, 認証方式",
    "radius": "radius, 802.1x, dot1x, ieee8021x, radius_server, radiusサーバー, radiusサーバ",
    "hidden": "hidden, stealth, hide_ssid, any_refused, ステルス, any接続拒否, ssid非通知, ssidステルス",
    "broadcast": "broadcast, broadcast_ssid, ssid_broadcast, ssid通知",
    "mac_filter": "mac_filter, mac_auth, mac_filtering, macフィルタ, macフィルター, macアドレス制限, mac認証",
    "wps": "wps",
    "firmware": "firmware, version, ファームウェア, バージョン",
}


def _plain(heading: str) -> str:
    return fold(heading).replace(" ", "_").replace("-", "_")


COLUMNS = {_plain(alias): name for name, aliases in _ALIASES.items() for alias in aliases.split(", ")}
_YES = frozenset({"yes", "y", "true", "1", "on", "enabled", "enable", "有効", "はい", "する", "あり", "○", "有"})
_NO = frozenset({"no", "n", "false", "0", "off", "disabled", "disable", "無効", "いいえ", "しない", "なし", "×", "無"})
_LIST_KEYS = ("networks", "wlans", "ssids", "data", "items")
_OPEN = frozenset({"open", "none", "なし", "オープン", "暗号化なし", "nosecurity", "disabled", "無効"})
_SPACE = re.compile(r"[\s,]*")


@lru_cache(256)
def column(heading: str) -> str | None:
    """Return the documented column that a heading means."""
    return COLUMNS.get(_plain(heading))


def parse(source: Source, secrets: Secrets) -> Parsed:
    """Split the rows; each cell becomes one statement of its network. Raises UnreadableTable."""
    parsed = Parsed()
    rows = _json_rows(source.text) if source.text.lstrip()[:1] in ("[", "{") else _csv_rows(source)
    for number, (line, row) in enumerate(rows, 1):
        shown = {
            column(key) or secrets.hide(key): secrets.hide(value) if not column(key) or is_suspicious(value) else value
            for key, value in row.items()
            if value
        }
        path = (f"{number} {shown.get('ssid', '')}",)
        parsed.statements += [Statement(line, path, cell) for cell in shown.items()]
    return parsed


def _csv_rows(source: Source) -> Iterator[tuple[int, dict[str, str]]]:
    text = source.text.strip("\n")
    skipped = source.text[: source.text.find(text)].count("\n")
    first = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(text.split("\n"), delimiter=separator, strict=True)
    headings: list[str] | None = None
    while True:
        begin = reader.line_num + 1 + skipped
        try:
            row = next(reader, None)
        except csv.Error:
            row = []
            headings = None
        if row is None:
            return
        if headings is None:
            _check(row, begin)
            headings = row
        elif any(cell.strip() for cell in row):
            if len(row) > len(headings):
                raise UnreadableTable(reason=_("line %(line)s has more cells than the heading", line=begin))
            yield begin, {heading: cell.strip() for heading, cell in zip(headings, row, strict=False)}


def _check(headings: list[str], line: int) -> None:
    columns = [column(heading) for heading in headings]
    known = [name for name in columns if name]
    if "ssid" not in known or "security" not in known:
        raise UnreadableTable(reason=_("line %(line)s is damaged, or names no columns ssid and security", line=line))
    if len(set(known)) != len(known):
        raise UnreadableTable(reason=_("line %(line)s names the same column twice", line=line))


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    decoder = json.JSONDecoder()
    position, line, counted = _list_start(text), 1, 0
    while True:
        match = _SPACE.match(text, position)
        position = match.end() if match else position
        line += text.count("\n", counted, position)
        counted = position
        if text[position : position + 1] == "]":
            return
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            item = None
        if not isinstance(item, Mapping):
            raise UnreadableTable(reason=_("from line %(line)s on it is no list of objects", line=line))
        row = {str(key): _cell(value) for key, value in item.items()}
        _check([key for key in row if column(key)], line)
        yield line, row


def _list_start(text: str) -> int:
    start = len(text) - len(text.lstrip())
    if text[start] == "{":
        names = "|".join(_LIST_KEYS)
        match = re.compile(rf'\{{\s*(?:"(?:{names})")\s*:\s*(?=\[)').match(text, start)
        if match is None:
            raise UnreadableTable(reason=_("it is no list, nor an object that begins with the list “networks”"))
        start = match.end()
    return start + 1


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def understand(parsed: Parsed, _secrets: Secrets) -> DeviceConfiguration:
    """Return one network a row."""
    firmware = next((each for each in parsed.statements if each.words[0] == "firmware"), None)
    rows = by_path(parsed.statements).values()
    return DeviceConfiguration(
        Dialect.WIFI_EXPORT,
        firmware=seen(firmware.words[1], firmware.line) if firmware else ABSENT,
        wifi=tuple(_network({each.words[0]: each for each in row}) for row in rows),
        faults=tuple(parsed.faults),
    )


def _network(cells: Mapping[str, Statement]) -> Wifi:
    security, name = cells.get("security"), cells.get("ssid")
    modes = methods(security.words[1]) if security else ()
    hidden, broadcast = _flag(cells.get("hidden")), _flag(cells.get("broadcast"))
    if hidden.value is None and broadcast.value is not None:
        hidden = seen(not broadcast.value, *broadcast.lines)
    return Wifi(
        name.words[1] if name else "",
        seen(modes, security.line) if security and modes else ABSENT,
        _flag(cells.get("radius")),
        hidden,
        _flag(cells.get("mac_filter")),
        _flag(cells.get("wps")),
        tuple(sorted({each.line for each in cells.values()})),
    )


def _flag(cell: Statement | None) -> Seen[bool]:
    word = unicodedata.normalize("NFKC", cell.words[1]).casefold() if cell else ""
    if cell is None or word not in _YES | _NO:
        return ABSENT
    return seen(word in _YES, cell.line)


@lru_cache(256)
def methods(text: str) -> tuple[str, ...]:
    """Return the methods that a controller's wording stands for; none if it is ambiguous."""
    plain = re.sub(r"[\s_\-]", "", unicodedata.normalize("NFKC", text).casefold())
    if plain in _OPEN:
        return ("open",)
    if "wep" in plain:
        return ("wep",)
    if plain in ("owe", "enhancedopen"):
        return ("owe",)
    personal = re.search(r"psk|personal|sae|パーソナル", plain) is not None
    enterprise = re.search(r"eap|enterprise|802\.?1x|dot1x|エンタープライズ|radius", plain) is not None
    found = {"wpa"} if re.search(r"wpa(?![23])", plain) else set[str]()
    if "wpa2" in plain or ("wpa3" in plain and re.search(r"transition|mixed|移行", plain)):
        found |= {"wpa2-psk"} if personal else set()
        found |= {"wpa2-eap"} if enterprise else set()
    if "wpa3" in plain or "sae" in plain:
        found |= {"wpa3-sae"} if personal else set()
        found |= {"wpa3-enterprise"} if enterprise else set()
    return tuple(sorted(found)) if personal or enterprise or found == {"wpa"} else ()


READER = Reader(Dialect.WIFI_EXPORT, parse, understand, (UTF8, SHIFT_JIS))
