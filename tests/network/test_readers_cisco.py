"""Cisco IOS and ASA: blocks by indentation, banners, certificates, both versions of IKE, how the device is managed."""

import pytest

from sekisho.network.rules.device_configuration import Basis, DeviceConfiguration, Zone
from tests.network.configurations import read, sample


def ios(text: str) -> DeviceConfiguration:
    return read(f"version 15.9\nservice password-encryption\n{text}end\n").configuration


def asa(text: str) -> DeviceConfiguration:
    return read(f": Saved\nASA Version 9.16(4)\n{text}: end\n").configuration


def test_versions_of_the_software() -> None:
    assert ios("").firmware.value == "15.9"
    assert asa("").firmware.value == "9.16(4)"


def test_a_banner_is_no_configuration() -> None:
    accesses = read(sample("cisco_ios")).configuration.accesses or ()
    assert [(each.service, each.allowed.value) for each in accesses if each.interface == "*"] == [
        ("http", False),
        ("https", False),
    ]
    for banner in (
        "banner motd #\nip http server\n#\n",
        "banner motd x ip http server x\n",
        "banner exec ^C\nip http server\n ^C\n",
    ):
        assert (ios(banner).accesses or ())[0].allowed.value is None


def test_rows_of_a_certificate_are_passed_over() -> None:
    texts = [each.text for each in read(sample("cisco_ios")).statements]
    assert not [text for text in texts if text.startswith("30820122")]
    assert "crypto ipsec transform-set SAKURA esp-aes 256 esp-sha256-hmac" in texts


def test_version_1_is_one_exchange_with_all_its_policies() -> None:
    text = (
        "crypto isakmp policy 10\n encr aes 256\n hash sha256\n authentication pre-share\n group 14\n lifetime 3600\n"
        "crypto isakmp policy 20\n group 2\ncrypto isakmp key x address 0.0.0.0\n"
    )
    (found,) = ios(text).exchanges or ()
    first, second = found.proposals
    assert (found.versions.value, found.authentication.value) == ((1,), ("psk",))
    assert (found.aggressive.value, found.aggressive.basis) == (True, Basis.DEFAULT)
    assert (first.encryption.value, first.lifetime.value) == (("aes-cbc",), 3600)
    assert (second.encryption.value, second.encryption.basis, second.groups.value) == (
        ("des",),
        Basis.DEFAULT,
        ("modp1024",),
    )


def test_version_2_needs_both_ends_before_it_says_how_they_authenticate() -> None:
    head = "crypto ikev2 profile P\n"
    assert (ios(f"{head} authentication remote rsa-sig\n").exchanges or ())[0].authentication.value is None
    both = ios(f"{head} authentication remote ecdsa-sig\n authentication local rsa-sig\n").exchanges or ()
    assert both[0].authentication.value == ("certificate",)
    assert (ios(f"{head} authentication remote pre-share\n").exchanges or ())[0].authentication.value == ("psk",)


@pytest.mark.parametrize(
    ("words", "encryption", "integrity"),
    [
        ("esp-aes 256 esp-sha256-hmac", ("aes-cbc",), ("hmac-sha2-256",)),
        ("esp-aes esp-sha-hmac", ("aes-cbc",), ("hmac-sha1",)),
        ("esp-gcm 256", ("aes-gcm",), ()),
        ("esp-null esp-md5-hmac", ("null",), ("hmac-md5",)),
        ("ah-sha256-hmac", ("null",), ("hmac-sha2-256",)),
        ("esp-3des", ("3des",), ("none",)),
    ],
)
def test_transform_sets(words: str, encryption: tuple[str, ...], integrity: tuple[str, ...]) -> None:
    (found,) = ios(f"crypto ipsec transform-set T {words}\n mode tunnel\n").proposals
    assert (found.encryption.value, found.integrity.value) == (encryption, integrity)


@pytest.mark.parametrize(
    ("list_", "zone"),
    [
        ("access-list 5 permit 192.168.1.0 0.0.0.255\n", Zone.LAN),
        ("access-list 5 permit host 192.168.1.7\naccess-list 5 deny any log\n", Zone.LAN),
        ("ip access-list standard 5\n 10 permit 192.168.1.9 log\n", Zone.WAN),
        ("ip access-list standard 5\n permit 192.168.1.9\n", Zone.LAN),
        ("access-list 5 permit 198.51.100.7\n", Zone.WAN),
        ("access-list 5 permit any\n", Zone.WAN),
        ("", Zone.WAN),
    ],
)
def test_a_terminal_line_that_lets_in_inside_addresses_only_faces_inside(list_: str, zone: Zone) -> None:
    text = (
        "interface GigabitEthernet0/0\n ip address 192.168.1.1 255.255.255.0\ninterface GigabitEthernet0/1\n"
        " ip address 203.0.113.2 255.255.255.248\nip route 0.0.0.0 0.0.0.0 203.0.113.1\n"
        f"{list_}line vty 0 4\n access-class 5 in\n transport input ssh\n"
    )
    found = ios(text)
    assert found.outside.value == ("GigabitEthernet0/1",)
    assert {each.zone for each in found.accesses or () if each.interface == "line vty 0 4"} == {zone}


def test_a_terminal_line_without_transport_is_not_known() -> None:
    found = [each for each in ios("line vty 0 4\n login local\n").accesses or () if each.interface.startswith("line")]
    assert [(each.service, each.allowed.value) for each in found] == [("telnet", None), ("ssh", None)]


def test_the_last_word_counts() -> None:
    assert (ios("ip http server\nno ip http server\n").accesses or ())[0].allowed.value is False
    assert (ios("no ip http server\nip http server\n").accesses or ())[0].allowed.value is True


def test_passwords_that_are_stored_as_hashes_are_not_compared() -> None:
    found = (
        ios(
            "enable secret 5 x\nusername a password 0 cisco\nusername b privilege 7 password cisco\n"
            "line vty 0 4\n no login\n"
        ).passwords
        or ()
    )
    assert [(each.name, each.weakness.value) for each in found] == [
        ("enable secret", None),
        ("username a", "default"),
        ("username b", "default"),
        ("line vty 0 4", "blank"),
    ]


def test_asa_zones_and_addresses() -> None:
    text = (
        "interface G1/1\n nameif outside\n security-level 0\ninterface G1/2\n nameif inside\n security-level 100\n"
        "interface G1/3\n nameif dmz\n security-level 50\nhttp server enable\nhttp 10.0.0.0 255.0.0.0 inside\n"
        "http 0.0.0.0 0.0.0.0 outside\nssh 198.51.100.7 255.255.255.255 outside\ntelnet 10.0.0.1 255.255.255.255 dmz\n"
    )
    assert [(each.service, each.zone, each.limited.value) for each in asa(text).accesses or ()] == [
        ("https", Zone.LAN, True),
        ("https", Zone.WAN, False),
        ("ssh", Zone.WAN, True),
        ("telnet", Zone.UNKNOWN, True),
    ]
    assert [each.service for each in asa(text.replace("http server enable\n", "")).accesses or ()] == ["ssh", "telnet"]


def test_asa_exchanges_of_both_versions() -> None:
    text = (
        "crypto ikev1 policy 10\n authentication pre-share\n encryption 3des\n hash md5\n group 2\n"
        "crypto ikev2 policy 1\n"
        " encryption aes-256 aes\n integrity sha256 sha\n group 19 5\n prf sha256\ntunnel-group T ipsec-attributes\n"
        " ikev1 pre-shared-key *****\n ikev2 remote-authentication certificate\n"
        " ikev2 local-authentication pre-shared-key *****\n"
    )
    first, second = asa(text).exchanges or ()
    assert (first.versions.value, first.authentication.value) == ((1,), ("psk",))
    assert (second.versions.value, second.authentication.value) == ((2,), ("certificate", "psk"))
    assert second.proposals[0].integrity.value == ("hmac-sha2-256", "hmac-sha1")
    assert second.proposals[0].groups.value == ("ecp256", "modp1536")


def test_ipv6_tunnels() -> None:
    found = (
        ios("interface Tunnel1\n tunnel mode ipv6ip 6to4\ninterface Tunnel2\n tunnel mode ipv6ip\n").ipv6_tunnels or ()
    )
    assert [each.kind for each in found] == ["6to4", "6in4"]
