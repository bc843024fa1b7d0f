"""What holds for every kind: recognising, refusing, encodings, sizes, damage, and that no secret ever comes out."""

import re
from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sekisho.kernel.errors import InvalidInput
from sekisho.network.rules.configuration import judge
from sekisho.network.rules.device_configuration import Dialect
from sekisho.network.rules.readers import read_configuration
from sekisho.network.rules.readers import secrets as secrets_module
from sekisho.network.rules.readers.errors import (
    ConfigurationTooLarge,
    NotText,
    UnknownConfiguration,
    UnreadableTable,
)
from sekisho.network.rules.readers.secrets import MASKED, SHORTEST_KEY, Secrets
from sekisho.network.rules.readers.source import LARGEST
from tests.network.configurations import KEY, PROFILE, SOUND, everything, pieces, read, remarks, sample, without_lines


@pytest.mark.parametrize("kind", SOUND)
def test_each_kind_is_recognised_and_says_why(kind: str) -> None:
    reading = read(sample(kind))
    assert reading.dialect == kind
    assert str(reading.reason).startswith(("Lines ", "It is a table"))
    assert reading.configuration.faults == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("本日の予約は三件です。\n", "no line belongs"),
        ("hostname x\n", "no line belongs"),
        ("! NEC Portable Internetwork Core Operating System Software\nip route default Dialer0\n", "NEC"),
        ("# nov/20/2026 by RouterOS 7.1\n/interface bridge\nadd name=b\n", "MikroTik"),
        ("## Last commit: 2026\nset version 20.1\n", "Juniper"),
        ("ip lan1 address 192.168.1.1/24\nip route default gateway pp 1\nhw_mode=a\nssid=x\n", "could be any of these"),
        ("service password-encryption\nline vty 0 4\ninterface port1.0.1\n", "AlliedWare"),
        ("interface port1.1\nline con 0\nline vty 0 7\n", "Yamaha SWX"),
        ("version 10.3\nvrf context management\nline vty\n", "NX-OS"),
    ],
)
def test_what_is_none_of_them_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnknownConfiguration) as caught:
        read(text)
    assert reason in str(caught.value)
    assert "These kinds are read" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\x7fELF\x00\x01\x02", "no text holds"),
        ("設定\n".encode("utf-16"), "UTF-16"),
        (b"\x81\x20\xff\xfe\xfd", "neither UTF-8 nor Shift_JIS"),
        (b"ssid=x\x1b[7m--More--\x1b[m\n", "control characters"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(NotText, match=reason):
        read(content)


def test_eight_mebibytes_are_read_and_one_more_byte_is_not() -> None:
    head = sample("hostapd").encode()
    line = b"# " + b"x" * 997 + b"\n"
    content = head + line * ((LARGEST - len(head)) // len(line))
    content += b"#" * (LARGEST - len(content))
    assert len(content) == LARGEST
    assert read(content).dialect is Dialect.HOSTAPD
    with pytest.raises(ConfigurationTooLarge, match="8 MiB"):
        read(content + b"#")


@pytest.mark.parametrize("kind", ["yamaha", "wifi_export"])
def test_shift_jis_is_read_where_it_occurs(kind: str) -> None:
    text = sample(kind) + (
        "# 診察室のルーター\n" if kind == "yamaha" else "待合室,WPA2-Enterprise,はい,はい,なし,無効,,\n"
    )
    assert read(text.encode("cp932")).encoding == "Shift_JIS"
    assert without_lines(judge(PROFILE, read(text.encode("cp932")).configuration)) == without_lines(remarks(text))


@pytest.mark.parametrize("kind", ["fortios", "cisco_ios", "cisco_asa", "hostapd", "swanctl"])
def test_shift_jis_is_refused_where_it_does_not(kind: str) -> None:
    with pytest.raises(NotText, match="written in UTF-8"):
        read((sample(kind) + "# 診察室\n").encode("cp932"))


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_change_nothing(kind: str, end: str) -> None:
    text = sample(kind)
    assert [each.document() for each in remarks(text.replace("\n", end))] == [each.document() for each in remarks(text)]
    assert remarks("\ufeff" + text) == remarks(text)


@pytest.mark.parametrize(
    ("kind", "cut", "said"),
    [
        ("fortios", "set keylife 28800", "not closed"),
        ("fortios", "yukiusagi", "quoted text"),
        ("cisco_ios", "hash", "“end” is missing"),
        ("cisco_ios", " ip http server\n^C", "quoted text"),
        ("cisco_asa", "webvpn", "“end” is missing"),
        ("swanctl", "rekey_time = 4h", "not closed"),
        ("swanctl", "tombo # 17", "quoted text"),
    ],
)
def test_a_cut_file_is_said_to_be_cut(kind: str, cut: str, said: str) -> None:
    text = sample(kind, *([("hostname sakura-gw", "hostname sakura-gw hash")] if cut == "hash" else []))
    found = judge(PROFILE, read(text[: text.index(cut)], Dialect(kind)).configuration)
    assert [each for each in found if each.code == "CONF-WHOLE" and said in str(each.message)]


@pytest.mark.parametrize(("kind", "text"), [("fortios", "end\n"), ("fortios", "next\n"), ("swanctl", "}\n")])
def test_an_end_of_nothing_is_said(kind: str, text: str) -> None:
    faults = read(sample(kind, ("", text))).configuration.faults
    assert [str(fault.text) for fault in faults] == [
        "This line ends a block that was never begun: the file is damaged."
    ]


@given(st.binary(max_size=300))
@example(b"[")
@example(b"{")
@example(b'[{"ssid": 1, "security": [[[[]]]]}]')
@example(b'ssid,security\n"')
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    refusal(content)


WORDS = st.sampled_from(
    [
        "config",
        "edit",
        "set",
        "next",
        "end",
        "ipsec",
        "ike",
        "version",
        "1",
        "2",
        "crypto",
        "isakmp",
        "policy",
        "tunnel",
        "select",
        "connections",
        "{",
        "}",
        "=",
        "secrets",
        "#",
        "!",
        '"',
        "'",
        "interface",
        "ssid",
        "wpa",
        "proposal",
        "proposals",
        "aes256-sha256",
        "10",
        "host",
        "any",
        "pre-shared-key",
        "key",
        "password",
        "in",
        "out",
        "\n",
        "\n",
        "\n",
        "\t",
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(Dialect)), st.lists(WORDS, max_size=60).map(" ".join))
def test_any_text_of_any_kind_is_read_or_refused(dialect: Dialect, text: str) -> None:
    try:
        reading = read("x\n" + text, dialect)
    except InvalidInput:
        return
    judge(PROFILE, reading.configuration, "ipsec_ikev2")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SOUND)), st.integers(0, 4000), st.integers(0, 400))
def test_a_damaged_file_is_read_or_refused(kind: str, start: int, size: int) -> None:
    text = sample(kind)
    try:
        judge(PROFILE, read(text[:start] + text[start + size :], Dialect(kind)).configuration)
    except InvalidInput:
        pass


# What stands in § is a secret.
PLACES = pieces("secret_places.txt")
SECRET = st.text(
    alphabet="ABCDEFGHJKLMNPQRSTUVWXYZghjkmnpqrstuvwxyz23456789!$%&()*+-./:;<=>?@[]^_`{|}~#", min_size=8, max_size=24
).filter(lambda secret: secret.strip("*") and not secret.startswith("#"))
RANKED = [(kind, place) for kind, places in PLACES.items() for place in places]


@pytest.mark.parametrize(("kind", "place"), RANKED)
@settings(max_examples=4, deadline=None)
@given(secret=SECRET)
@example(secret="sakura-no-sono-2026")
@example(secret="2222222/")
@example(secret="22/")
@example(secret="Kaeru#Tombo!17{x}")
@example(secret='"Kaeru Tombo"')
def test_no_secret_ever_comes_out(kind: str, place: str, secret: str) -> None:
    """No six characters of a secret stand in anything that leaves a reading, unless they stand there without it too."""
    if kind in ("swanctl", "ipsec_conf") and place.count('"') == 0:
        secret = re.sub(r'[#{}="]', "x", secret)  # signs of the format: unquoted they end the value
    if kind == "wifi_export":
        secret = secret.replace(",", "x")
    shown, without = everything(read(_with(kind, place, secret), Dialect(kind))), _plain(kind, place)
    parts = {secret[at : at + 6] for at in range(len(secret) - 5)}
    assert {part for part in parts if part in shown and part not in without} == set()


@cache
def _plain(kind: str, place: str) -> str:
    """Return what comes out with another secret: parts of the file that happen to look like one."""
    return everything(read(_with(kind, place, "Zzzzzzzzzzzz"), Dialect(kind)))


def _with(kind: str, place: str, secret: str) -> str:
    text, lines = sample(kind), place.replace("§", secret) + "\n"
    if kind == "cisco_ios":
        return text.removesuffix("end\n") + lines + "end\n"
    return text + lines


@given(secret=SECRET)
def test_no_refusal_quotes_the_file(secret: str) -> None:
    contents = (
        f"x {secret}\n".encode(),
        secret.encode() + b"\0",
        secret.encode() + b"\xff\xfe\xfd\x81",
        f'ssid,security\nx,y,{secret},"{secret}'.encode(),
        f'[{{"ssid": "{secret}"}}, {secret}'.encode(),
    )
    for content in contents:
        assert secret not in refusal(content)


def refusal(content: bytes) -> str:
    """Return everything an error says, or nothing if the file was read."""
    try:
        read(content)
    except InvalidInput as error:
        return f"{error!s} {error!r} {error.params!r} {error.__cause__!r} {error.__context__!r}"
    return ""


def test_the_same_secret_has_one_token_under_one_key_only() -> None:
    first, second = Secrets(KEY), Secrets(KEY[::-1])
    assert first.hide("umi") == first.hide("umi")
    assert first.hide("umi") != second.hide("umi")
    assert first.hide("umi") != first.hide("yama")
    assert first.weakness(first.hide("Public")) == "default"
    assert first.weakness(first.hide("")) == "blank"
    assert first.weakness(first.hide("umi-no-iro")) == "none"
    assert first.hide("*****") == first.hide("<removed>") == MASKED
    assert first.weakness(MASKED) is None
    assert KEY.hex() not in repr(first)
    with pytest.raises(ValueError, match=str(SHORTEST_KEY)):
        read_configuration(b"ssid=x\n", key=b"short")


@pytest.mark.parametrize(
    "content",
    [
        b"ssid,name\nx,y\n",
        b"ssid,security\nx,y,z\n",
        b'ssid,security\n"x\n',
        b'{"a": [{"ssid": 1}]}',
        b'[{"ssid": "x"}]',
        b"[1]",
        b'[{"ssid": "x", "security": "y"}',
        b"ssid,SSID,security\n",
    ],
)
def test_a_table_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableTable):
        read(content, Dialect.WIFI_EXPORT)


@given(st.text(alphabet="passwordkey=:：＝/@-BEGIN 1あ", max_size=40))
def test_what_tells_a_secret_fast_tells_the_same(word: str) -> None:
    """A word without any of the signs is let through at once; no pattern may fit it all the same."""
    slow = "-----BEGIN " in word or bool(secrets_module._INLINE.search(word) or secrets_module._LOGIN.search(word))
    assert secrets_module.is_suspicious(word) is slow
