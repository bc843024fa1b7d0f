"""A sound configuration of each kind breaks nothing, and one changed line breaks the one rule it should."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput
from sekisho.network.rules.configuration import CHECKS, judge, parse_profile
from sekisho.network.rules.device_configuration import DeviceConfiguration, Dialect
from sekisho.network.rules.judged import Level, outcome_of
from sekisho.network.rules.strict_yaml import DataInvalid
from tests.network.configuration_variants import V1, VARIANTS
from tests.network.configurations import (
    PROFILE,
    PROFILES,
    SOUND,
    codes,
    pieces,
    read,
    remarks,
    sample,
    the,
    without_lines,
)

NG, WARN, UNKNOWN, OK = Level.NG, Level.WARN, Level.UNKNOWN, Level.OK


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_configuration_breaks_nothing(kind: str) -> None:
    found = remarks(sample(kind))
    assert codes(found, NG, WARN) == set()
    assert any(remark.level is OK for remark in found)
    unknown = {remark.code for remark in found if remark.level is UNKNOWN}
    assert unknown <= {"MGMT-PASS", "MGMT-EXP"}, unknown


@pytest.mark.parametrize(
    ("kind", "broken", "level", "edits"),
    VARIANTS,
    ids=[f"{kind}-{'+'.join(sorted(broken))}" for kind, broken, *_ in VARIANTS],
)
def test_a_changed_line_breaks_just_its_rule(
    kind: str, broken: set[str], level: Level, edits: list[tuple[str, str]]
) -> None:
    found = remarks(sample(kind, *edits))
    assert codes(found, level) == broken
    if level is WARN:
        assert codes(found, NG) == set()


def test_every_rule_is_broken_by_some_variant_or_test() -> None:
    broken = {code for _kind, codes_, *_rest in VARIANTS for code in codes_}
    assert CHECKS.keys() - broken == {"CONF-WHOLE", "CONF-LINE"}


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_fine_names_the_lines_that_say_so(kind: str) -> None:
    """OK never comes from absence: every such remark rests on lines of the file."""
    text = sample(kind)
    for remark in remarks(text):
        if remark.level is OK:
            numbers = {
                int(number)
                for group in re.findall(r"'lines': \[([\d, ]+)\]", repr(remark.observed))
                for number in group.split(",")
            }
            assert numbers, remark
            assert max(numbers) <= text.count("\n") + 1


@pytest.mark.parametrize("kind", SOUND)
def test_of_an_empty_device_nothing_is_fine(kind: str) -> None:
    found = judge(PROFILE, DeviceConfiguration(Dialect(kind)))
    assert codes(found, OK, NG, WARN) == set()
    assert outcome_of(found) is Outcome.UNKNOWN


@given(st.sampled_from(sorted(SOUND)), st.randoms(use_true_random=False))
def test_taking_lines_away_makes_nothing_fine(kind: str, chance: Any) -> None:
    """Whatever is cut out, no remark turns fine that was not so before: its lines are still there to read."""
    lines = sample(kind).split("\n")
    kept = [line for line in lines if chance.random() > 0.2]
    try:
        found = judge(PROFILE, read("\n".join(kept), Dialect(kind)).configuration)
    except InvalidInput:
        return  # a table without its heading is refused
    for remark in found:
        if remark.level is OK:
            assert re.search(r"'lines': \[\d", repr(remark.observed)), remark


UNRELATED = pieces("unrelated.txt")
BROKEN = [(kind, edits) for kind, _broken, level, edits in VARIANTS if level is NG]


@given(st.sampled_from(BROKEN), st.data())
def test_unrelated_lines_never_mend_a_broken_rule(
    variant: tuple[str, list[tuple[str, str]]], data: st.DataObject
) -> None:
    kind, edits = variant
    more = data.draw(st.lists(st.sampled_from(UNRELATED[kind]), max_size=5))
    text = sample(kind, *edits)
    before, after = remarks(text), remarks(text + "\n".join(more) + "\n")
    broken = {(remark.code, str(remark.message)) for remark in before if remark.level is NG}
    assert broken <= {(remark.code, str(remark.message)) for remark in after if remark.level is NG}


def blocks(kind: str, text: str) -> list[str]:
    """Return the parts of a configuration that may stand in any order."""
    if kind == "fortios":
        return [part for part in re.split(r"(?<=\nend\n)", text) if part]
    if kind == "swanctl":
        return [part for part in re.split(r"(?<=\n}\n)", text) if part]
    if kind == "cisco_ios":
        return [part + "\n!\n" for part in text.split("\n!\n")]
    parts: list[str] = []
    for line in text.splitlines(keepends=True):
        if parts and line[0] in " \t":
            parts[-1] += line
        else:
            parts.append(line)
    return parts


@given(st.sampled_from(sorted(SOUND)), st.randoms(use_true_random=False), st.data())
def test_the_order_of_blocks_never_matters(kind: str, chance: Any, data: st.DataObject) -> None:
    variants = [[], *(edits for other, edits in BROKEN if other == kind)]
    text = sample(kind, *data.draw(st.sampled_from(variants)))
    head, parts = ("", blocks(kind, text)) if kind not in ("wifi_export", "hostapd") else ("", [])
    if kind == "wifi_export":
        head, *parts = text.splitlines(keepends=True)
    if kind == "hostapd":
        lines = text.splitlines(keepends=True)
        head, parts = "".join(lines[:2]), lines[2:]
    chance.shuffle(parts)
    assert without_lines(remarks(text)) == without_lines(remarks(head + "".join(parts)))


@pytest.mark.parametrize(
    ("kind", "line", "edits", "code", "level"),
    [
        # The registered line is an old one: whether its exception holds is on paper, not in the device.
        ("yamaha", "ipsec_ike", V1, "VPN-IKE1", UNKNOWN),
        ("yamaha", "ipsec_ikev2", V1, "VPN-IKE1", NG),
        # Item 7 excepts the pre-shared key even where table 13-1 lists the line as conforming.
        ("yamaha", "ipsec_ikev2_psk", [("auth method 1 certificate", "auth method 1 pre-shared-key")], "VPN-PSK", NG),
        ("fortios", "ssl_vpn_client", [("tls1-3", "tls1-2")], "SSLVPN-TLS", UNKNOWN),
    ],
)
def test_the_registered_line_decides_with(
    kind: str, line: str, edits: list[tuple[str, str]], code: str, level: Level
) -> None:
    found = remarks(sample(kind, *edits), line)
    assert the(found, code).level is level


def test_a_pre_shared_key_is_shown_beside_the_table() -> None:
    found = remarks(sample("yamaha", ("auth method 1 certificate", "auth method 1 pre-shared-key")), "ipsec_ikev2_psk")
    remark = the(found, "VPN-PSK")
    assert remark.certainty == "primary"
    assert "13 item 7" in remark.source
    assert remark.expected["table_13_1"] == {
        "row": "Internet VPN by IPsec with IKE or IKEv2",
        "conforming": True,
        "certainty": "secondary",
    }


@pytest.mark.parametrize(
    ("kind", "line"), [("hostapd", "ipsec_ikev2"), ("cisco_ios", "ssl_vpn_client"), ("yamaha", "wireless_lan")]
)
def test_a_line_that_the_device_does_not_show_is_unknown(kind: str, line: str) -> None:
    found = remarks(sample(kind), line)
    assert the(found, "CONF-LINE").level is UNKNOWN
    assert outcome_of(found) is Outcome.UNKNOWN


def test_rules_of_other_lines_are_left_out() -> None:
    found = codes(remarks(sample("fortios"), "wireless_lan"), *Level)
    assert "WIFI" in found
    assert not found & {"VPN-IKE1", "SSLVPN-TYPE"}


def test_a_default_that_is_fine_proves_nothing() -> None:
    """swanctl's documented default for authentication is a certificate; unwritten it stays open."""
    found = remarks(sample("swanctl", ("        local {\n            auth = pubkey", "        local {")))
    remark = the(found, "VPN-PSK")
    assert remark.level is UNKNOWN
    assert "swanctl.conf(5)" in repr(remark.observed)


def test_a_default_lowers_the_certainty() -> None:
    found = remarks(sample("fortios", ("        set ike-version 2\n", "        set mode main\n")))
    assert the(found, "VPN-IKE1").certainty == "memory"


def test_a_device_that_takes_more_than_it_lists_is_unknown() -> None:
    found = remarks(sample("yamaha", ("  ipsec ike negotiation receive 1 off\n", "")))
    assert codes(found, NG) == set()
    assert [remark.level for remark in found if remark.code == "VPN-ALG"].count(UNKNOWN) == 1


def test_strange_algorithms_are_unknown() -> None:
    found = remarks(sample("swanctl", ("aes256-sha256-modp2048", "aes256-sha256-modp2048-ke2_mlkem768")))
    assert "VPN-ALG" in codes(found, UNKNOWN)
    assert "VPN-ALG" not in codes(found, NG)


@pytest.mark.parametrize(
    ("kind", "code", "edits"),
    [
        # A default that is fine leaves the question open.
        ("yamaha", "VPN-ALG", [("esp aes256-cbc sha256-hmac", "esp sha256-hmac")]),
        # Answering everywhere, and nothing says which way outside is.
        ("cisco_ios", "MGMT-EXP", [(" ip nat outside\n", ""), ("ip route 0.0.0.0 0.0.0.0 Dialer1\n", "")]),
        # A filter stands before it that is not worked out.
        ("yamaha", "MGMT-EXP", [("sshd host lan1 192.168.10.5", "sshd host any")]),
        ("hostapd", "WIFI", [("WPA-EAP-SHA256", "WPA-EAP FILS-SHA256")]),
        ("wifi_export", "WIFI", [("WPA3-Enterprise", "WPA3")]),
        ("wifi_export", "WIFI", [("WPA3-Enterprise", "")]),
        ("fortios", "SSLVPN-TLS", [("    set ssl-min-proto-ver tls1-3\n", "")]),
        ("fortios", "SSLVPN-TYPE", [("        set web-mode disable\n", "")]),
        ("fortios", "MGMT-EXP", [("        set allowaccess ping\n", "")]),
        ("fortios", "MGMT-SNMP", [("        set security-level auth-priv\n", "")]),
        ("yamaha", "MGMT-SNMP", [("", "snmpv2c host lan1\nsnmpv2c community read-only *\n")]),
        ("yamaha", "VPN-TRANSIT", [("", "ipsec ike version 2 2\n")]),
        ("yamaha", "NET-IPV6", [("", "tunnel select 9\n tunnel encapsulation ipip\n")]),
        ("yamaha", "VPN-KIND", [("", "tunnel select 9\n tunnel encapsulation l2tpv9\n")]),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_unknown(kind: str, code: str, edits: list[tuple[str, str]]) -> None:
    found = remarks(sample(kind, *edits))
    assert code in codes(found, UNKNOWN)
    assert codes(found, NG, WARN) <= {"VPN-ALG"} - {code}
    assert outcome_of(found) in (Outcome.UNKNOWN, Outcome.FAIL)


def test_an_ssl_vpn_that_is_off_is_not_judged() -> None:
    found = remarks(
        sample(
            "fortios",
            ("    set status enable\n", "    set status disable\n"),
            ("reqclientcert enable", "reqclientcert disable"),
        )
    )
    assert not codes(found, *Level) & {"SSLVPN-TYPE", "SSLVPN-CERT", "SSLVPN-TLS", "VPN-SPLIT"}


def test_the_profile_is_read_strictly() -> None:
    text = (PROFILES / "configuration.yaml").read_text(encoding="utf8")
    assert {rule.data.certainty for rule in PROFILE.rules.values()} <= {"primary", "secondary", "memory", "own"}
    assert "VPN-IKE1" in PROFILE.codes_for("SO-13-7")
    for old, new in (
        ("certainty: primary", "certainty: sure"),
        ("lines: []", "rows: []"),
        ("rules:", "rulez:"),
        ("levels:", "levels: 1\n#"),
    ):
        with pytest.raises(DataInvalid):
            parse_profile(text.replace(old, new, 1))
    with pytest.raises(DataInvalid):
        judge(parse_profile(text.replace("  WIFI-WPS:", "  WIFI-WPZ:")), DeviceConfiguration(Dialect.HOSTAPD))


def test_the_profile_quotes_no_sentence_of_the_guideline() -> None:
    text = (PROFILES / "configuration.yaml").read_text(encoding="utf8")
    assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)
