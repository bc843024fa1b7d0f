"""Yamaha RTX: gateways and their proposals, contexts, templates, services, which way they face."""

import pytest

from sekisho.network.rules.device_configuration import Access, Basis, DeviceConfiguration, KeyExchange, Zone
from tests.network.configurations import read, sample

HEAD = "# RTX830 Rev.15.02.31 (Tue Mar 12 2024)\nip route default gateway pp 1\nip lan1 address 192.168.1.1/24\n"


def configuration(text: str) -> DeviceConfiguration:
    return read(HEAD + text).configuration


def exchange(text: str) -> KeyExchange:
    (found,) = configuration(text).exchanges or ()
    return found


def access(text: str, service: str) -> Access:
    (found,) = [each for each in configuration(text).accesses or () if each.service == service]
    return found


def test_model_and_revision_come_from_the_first_comment() -> None:
    firmware = read(sample("yamaha")).configuration.firmware
    assert (firmware.value, firmware.lines) == ("RTX1220 Rev.15.04.06", (1,))


def test_a_gateway_is_read_line_by_line() -> None:
    found = (read(sample("yamaha")).configuration.exchanges or ())[0]
    ike, esp = found.proposals
    assert found.versions.value == (2,)
    assert found.authentication.value == ("certificate",)
    assert (ike.encryption.value, ike.integrity.value, ike.groups.value) == (
        ("aes-cbc",),
        ("hmac-sha2-256",),
        ("modp2048",),
    )
    assert (ike.lifetime.value, ike.lifetime.lines) == (28800, (38,))
    assert (esp.encryption.value, esp.integrity.value, esp.lines) == (("aes-cbc",), ("hmac-sha2-256",), (33,))
    assert found.beyond.value is False


def test_what_is_not_written_is_the_documented_default_with_its_source() -> None:
    found = exchange(
        "ipsec ike pre-shared-key 1 text x\nipsec ike remote address 1 203.0.113.1\nipsec sa policy 1 1 esp\n"
    )
    assert (found.versions.value, found.versions.basis) == ((1,), Basis.DEFAULT)
    assert "ipsec ike version" in found.versions.source
    ike, esp = found.proposals
    assert (ike.encryption.value, ike.integrity.value, ike.groups.value) == (("3des",), ("hmac-sha1",), ("modp1024",))
    assert (esp.encryption.value, esp.integrity.value) == (("aes-cbc",), ("none",))
    assert (found.beyond.value, found.beyond.basis) == (True, Basis.DEFAULT)


def test_without_limits_ikev2_offers_everything() -> None:
    found = exchange("ipsec ike version 1 2\nipsec ike encryption 1 aes256-cbc\nipsec ike proposal-limitation 1 off\n")
    assert found.proposals[0].encryption.value == ("aes-cbc", "3des", "des")
    assert found.proposals[0].encryption.lines == (6,)


@pytest.mark.parametrize(
    ("lines", "aggressive"),
    [
        ("ipsec ike version 1 1\nipsec ike remote address 1 203.0.113.1\n", False),
        ("ipsec ike version 1 1\nipsec ike remote address 1 any\n", None),
        ("ipsec ike version 1 1\nipsec ike remote address 1 any\nipsec ike remote name 1 kyoten\n", True),
        ("ipsec ike version 1 1\nipsec ike remote address 1 203.0.113.1\nipsec ike local name 1 honin\n", True),
        ("ipsec ike version 1 2\nipsec ike remote name 1 kyoten fqdn\n", False),
    ],
)
def test_names_mean_aggressive_mode_in_version_1(lines: str, aggressive: bool | None) -> None:
    assert exchange(lines).aggressive.value is aggressive


@pytest.mark.parametrize(
    ("lines", "methods", "basis"),
    [
        ("ipsec ike version 1 2\nipsec ike pre-shared-key 1 *\n", ("psk",), Basis.READ),
        ("ipsec ike version 1 2\nipsec ike auth method 1 eap-md5\n", ("eap",), Basis.READ),
        ("ipsec ike version 1 2\nipsec ike pki file 1 certificate=1\n", ("certificate",), Basis.DEFAULT),
        (
            "ipsec ike version 1 2\nipsec ike auth method 1 certificate\nipsec ike pre-shared-key 1 *\n",
            ("certificate",),
            Basis.READ,
        ),
        (
            "ipsec ike version 1 1\nipsec ike auth method 1 certificate\nipsec ike pre-shared-key 1 *\n",
            ("psk",),
            Basis.READ,
        ),
        ("ipsec ike version 1 2\n", None, Basis.ABSENT),
    ],
)
def test_authentication_follows_the_manual(lines: str, methods: tuple[str, ...] | None, basis: Basis) -> None:
    found = exchange(lines).authentication
    assert (found.value, found.basis) == (methods, basis)


def test_a_template_lends_its_settings() -> None:
    text = (
        "tunnel select 1\n tunnel template 2-3\n ipsec sa policy 1 1 esp aes-cbc sha256-hmac\n"
        " ipsec ike version 1 2\ntunnel select 2\n ipsec ike pre-shared-key 2 text x\n"
    )
    first, second = configuration(text).exchanges or ()
    assert (first.name, second.name) == ("gateway 1", "gateway 2")
    assert second.versions.value == (2,)
    assert [proposal.name for proposal in second.proposals] == ["ike 2", "policy 1"]


def test_a_trailing_backslash_joins_lines_and_keeps_the_first_number() -> None:
    found = exchange("ipsec ike version \\\n 1 2\n")
    assert (found.versions.value, found.versions.lines) == ((2,), (4,))


def test_commands_of_a_context_are_known_without_indentation() -> None:
    text = "tunnel select 1\ntunnel encapsulation l2tp\nipsec tunnel 1\nip filter 1 pass * *\ntunnel select none\n"
    places = {each.text: each.path for each in read(HEAD + text).statements}
    assert places["tunnel encapsulation l2tp"] == places["ipsec tunnel 1"] == ("tunnel select 1",)
    assert places["ip filter 1 pass * *"] == ()


@pytest.mark.parametrize(
    ("lines", "service", "allowed", "zone", "limited"),
    [
        ("", "telnet", None, Zone.UNKNOWN, None),
        ("telnetd service off\n", "telnet", False, Zone.UNKNOWN, None),
        ("telnetd host none\n", "telnet", False, Zone.UNKNOWN, None),
        ("httpd host any\n", "http", True, Zone.WAN, False),
        ("httpd host lan\n", "http", True, Zone.LAN, True),
        ("sshd host lan1\nsshd host key generate *\n", "ssh", True, Zone.LAN, True),
        ("sshd host 192.168.1.2-192.168.1.9\n", "ssh", True, Zone.LAN, True),
        ("sshd host 192.168.1.2 198.51.100.7\n", "ssh", True, Zone.WAN, True),
        ("tftp host any\n", "tftp", True, Zone.WAN, False),
    ],
)
def test_services_say_whom_they_answer(
    lines: str, service: str, allowed: bool | None, zone: Zone, limited: bool | None
) -> None:
    found = access(lines, service)
    assert (found.allowed.value, found.zone, found.limited.value) == (allowed, zone, limited)


@pytest.mark.parametrize(
    ("route", "outside"),
    [
        ("ip route default gateway pp 1", ("pp 1",)),
        ("ip route default gateway dhcp lan2", ("lan2",)),
        ("ip lan2 address 203.0.113.2/29\nip route default gateway 203.0.113.1", ("lan2",)),
        ("ip route default gateway pp 1 filter 1 gateway tunnel 2", ("pp 1", "tunnel 2")),
        ("ipv6 route default gateway dhcp lan2", ("lan2",)),
        ("ip route 10.0.0.0/8 gateway 192.168.1.9", None),
    ],
)
def test_the_default_route_says_what_faces_outside(route: str, outside: tuple[str, ...] | None) -> None:
    text = f"# RTX830 Rev.15.02.31\nip lan1 address 192.168.1.1/24\n{route}\n"
    assert read(text).configuration.outside.value == outside


def test_snmp_has_a_well_known_community_unless_told_otherwise() -> None:
    found = (
        configuration("snmp host lan1\nsnmpv2c host lan1\nsnmpv2c community read-only umi\nsnmpv3 host none\n").snmp
        or ()
    )
    assert [(each.version, each.default_community.value, each.default_community.basis) for each in found] == [
        ("v1", True, Basis.DEFAULT),
        ("v2c", False, Basis.READ),
    ]


def test_tunnels_between_ipv4_and_ipv6_and_other_vpns() -> None:
    text = (
        "tunnel select 1\n tunnel encapsulation ipip\n tunnel endpoint remote address 2001:db8::1\n"
        "tunnel select 2\n tunnel encapsulation map-e\ntunnel select 3\n tunnel encapsulation l2tp\n ipsec tunnel 3\n"
        "tunnel select 4\n tunnel encapsulation pptp\n"
    )
    found = configuration(text)
    assert [each.kind for each in found.ipv6_tunnels or ()] == ["ds-lite", "map-e"]
    assert [(each.kind, each.name) for each in found.other_vpns or ()] == [("pptp", "tunnel select 4")]
