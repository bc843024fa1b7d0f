"""strongSwan: `swanctl.conf` and the older `ipsec.conf`.

The first is made of nested blocks in braces with `key = value` lines, references (`name : other { … }`) and quoted
texts; the second of sections with indented `key=value` lines, `%default` and `also=`. Included files are not part of
what was handed in, which is said. `ipsec.secrets` and the section `secrets` hold keys; only their presence is kept.
"""

import re
from collections.abc import Iterator

from sekisho.network.rules.device_configuration import DeviceConfiguration, Dialect
from sekisho.network.rules.readers import strongswan_vpn
from sekisho.network.rules.readers.secrets import Secrets, is_telling
from sekisho.network.rules.readers.source import Source
from sekisho.network.rules.readers.statements import (
    Parsed,
    Reader,
    Statement,
    open_block,
    open_string,
    stray_end,
    unread_include,
)

_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")|(?P<comment>#[^\n]*)|(?P<line>\n)|(?P<brace>[{}])|(?P<equals>=)|(?P<open>".*)'
    r'|(?P<word>[^\s{}="#]+)|(?P<space>[^\S\n]+)',
    re.DOTALL,
)
_BRACE = re.compile(r"\s*\{")
_WORDS = frozenset({"text", "word", "open"})
_SECRET_KEY = re.compile(r"secret|pass|pin|psk|eap_key|xauth_pass|ppk", re.IGNORECASE)
_OPEN_KEY = re.compile(r"id\S*|file|slot|handle|module")
_PSK_LINE = re.compile(r"(?i):\s*(?:PSK|XAUTH|EAP|NTLM|RSA|ECDSA|P12|PKCS8|PIN)\b")


def parse_swanctl(source: Source, secrets: Secrets) -> Parsed:
    """Split the braces; a block is known by the names of those around it."""
    parsed, stack = Parsed(), list[tuple[str, int]]()
    for line, kind, words in _swanctl_lines(source.text, parsed):
        path = tuple(name for name, _line in stack)
        if kind == "{":
            stack.append((" ".join(words), line))
        elif kind == "}":
            if stack:
                stack.pop()
            else:
                parsed.faults.append(stray_end(line))
        elif words[0] == "include":
            parsed.faults.append(unread_include(line))
            parsed.statements.append(Statement(line, path, tuple(words)))
        else:
            key, value = words[0], " ".join(words[1:])
            keys = bool(path) and path[0].split(":")[0].strip() == "secrets" and not _OPEN_KEY.fullmatch(key)
            parsed.statements.append(Statement(line, path, (key, _hide(key, value, secrets, always=keys))))
    parsed.faults.extend(open_block(line) for _name, line in stack)
    return parsed


def _hide(key: str, value: str, secrets: Secrets, *, always: bool = False) -> str:
    if always or _SECRET_KEY.search(key) or is_telling(value):
        return secrets.hide(value)
    return value


def _swanctl_lines(text: str, parsed: Parsed) -> Iterator[tuple[int, str, list[str]]]:
    """Yield "{" with the name before it, "}", and "=" with key and value; the line is where each begins."""
    line, start, words, setting = 1, 1, list[str](), False
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup, match.group()
        if kind in _WORDS:
            start = start if words else line
            words.append(_plain_word(found))
            if kind == "open":
                parsed.faults.append(open_string(line))
        elif kind == "equals":
            words += ["="] if setting else []
            setting = True
        if kind == "brace" or (kind == "line" and (setting or not _BRACE.match(text, match.end()))):
            yield from _closed(found, words, (start, line), setting=setting)
            words, setting = [], False
        line += found.count("\n")
    yield from _closed("\n", words, (start, line), setting=setting)


def _closed(
    sign: str, words: list[str], lines: tuple[int, int], *, setting: bool
) -> Iterator[tuple[int, str, list[str]]]:
    """Yield what a brace or the end of a line completes."""
    start, line = lines
    if sign == "{" and not setting:
        yield start if words else line, sign, words
        return
    if words:
        yield start, "=", words
    if sign in ("{", "}"):
        yield line, sign, []


def _plain_word(found: str) -> str:
    if found[0] != '"':
        return found
    inner = found[1:-1] if len(found) > 1 and found[-1] == '"' else found[1:]
    return inner.replace('\\"', '"')


def parse_ipsec(source: Source, secrets: Secrets) -> Parsed:
    """Split the sections of ipsec.conf; lines of ipsec.secrets that stand in it are hidden."""
    parsed, section = Parsed(), ""
    for number, row in enumerate(source.lines, 1):
        text = _without_comment(row).strip()
        if not text:
            continue
        if _PSK_LINE.search(text):
            parsed.statements.append(Statement(number, ("secrets",), (secrets.hide(text),)))
        elif row[0] not in " \t":
            words = text.split()
            if words[0] == "include":
                parsed.faults.append(unread_include(number))
            section = " ".join(words) if words[0] in ("conn", "config", "ca") else ""
            parsed.statements.append(Statement(number, (), tuple(words)))
        else:
            key, _equals, value = text.partition("=")
            value = value.strip().strip('"')
            parsed.statements.append(Statement(number, (section,), (key.strip(), _hide(key, value, secrets))))
    return parsed


def _without_comment(row: str) -> str:
    """Cut a comment off, unless the sign stands inside quotes."""
    if "#" not in row:
        return row
    quoted = False
    for index, character in enumerate(row):
        if character == '"':
            quoted = not quoted
        elif character == "#" and not quoted:
            return row[:index]
    return row


def understand_swanctl(parsed: Parsed, _secrets: Secrets) -> DeviceConfiguration:
    """Return what the connections say."""
    return DeviceConfiguration(
        Dialect.SWANCTL,
        exchanges=strongswan_vpn.swanctl_exchanges(parsed.statements),
        faults=tuple(parsed.faults),
    )


def understand_ipsec(parsed: Parsed, _secrets: Secrets) -> DeviceConfiguration:
    """Return what the sections say."""
    return DeviceConfiguration(
        Dialect.IPSEC_CONF,
        exchanges=strongswan_vpn.ipsec_exchanges(parsed.statements),
        faults=tuple(parsed.faults),
    )


SWANCTL = Reader(Dialect.SWANCTL, parse_swanctl, understand_swanctl)
IPSEC_CONF = Reader(Dialect.IPSEC_CONF, parse_ipsec, understand_ipsec)
