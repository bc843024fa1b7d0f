"""FortiOS: nested blocks, texts over several lines, virtual domains, and what the tables say."""

import pytest

from sekisho.network.rules.device_configuration import Basis, DeviceConfiguration, Zone
from tests.network.configurations import read, sample


def configuration(text: str) -> DeviceConfiguration:
    return read("#config-version=FGT60F-7.4.5-FW-build2702-240821\n" + text).configuration


def test_firmware_comes_from_the_header() -> None:
    assert read(sample("fortios")).configuration.firmware.value == "FGT60F-7.4.5-FW-build2702-240821"


def test_each_proposal_stands_alone_and_goes_with_every_group() -> None:
    (found,) = read(sample("fortios")).configuration.exchanges or ()
    assert [proposal.name for proposal in found.proposals] == [
        "to-yakkyoku ike aes256-sha256",
        "to-yakkyoku ike aes256gcm-prfsha384",
        "to-yakkyoku-lan esp aes256gcm",
        "to-yakkyoku-lan esp aes256-sha256",
    ]
    first, second, third, _fourth = found.proposals
    assert first.groups.value == ("ecp256", "modp2048")
    assert (second.encryption.value, second.integrity.value, second.prf.value) == (("aes-gcm",), (), ("hmac-sha2-384",))
    assert third.lifetime.value == 3600


def test_a_text_over_several_lines_counts_its_lines_and_hides_nothing_after_it() -> None:
    text = (
        'config system replacemsg http "x"\n    set buffer "<html>\nconfig vpn pptp\n'
        '  set status enable\nend\n</html>"\nend\nconfig vpn pptp\n    set status enable\nend\n'
    )
    found = configuration(text)
    assert [each.lines for each in found.other_vpns or ()] == [(9 + 1,)]
    assert found.faults == ()


def test_a_backslash_before_the_closing_quote_does_not_open_a_text() -> None:
    text = (
        'config system admin\n    edit "a"\n        set password "x\\\\"\n'
        "        set trusthost1 10.0.0.1 255.255.255.255\n    next\nend\n"
    )
    found = configuration(text)
    assert found.faults == ()
    assert [each.name for each in found.passwords or ()] == ["admin a"]


@pytest.mark.parametrize("wrap", ["config vdom\nedit root\n{}next\nend\n", "config global\n{}end\n"])
def test_virtual_domains_are_looked_into(wrap: str) -> None:
    inner = (
        'config vpn ipsec phase1-interface\n    edit "x"\n        set ike-version 2\n'
        "        set authmethod psk\n    next\nend\n"
    )
    (found,) = configuration(wrap.format(inner)).exchanges or ()
    assert (found.name, found.versions.value, found.authentication.value) == ("x", (2,), ("psk",))


def test_entries_of_the_same_name_in_two_domains_stay_apart() -> None:
    one = 'config vpn ipsec phase1-interface\nedit "x"\nset ike-version {}\nnext\nend\n'
    text = f"config vdom\nedit a\n{one.format(2)}next\nedit b\n{one.format(1)}next\nend\n"
    assert [each.versions.value for each in configuration(text).exchanges or ()] == [(2,), (1,)]


def test_defaults_are_marked_as_such() -> None:
    (found,) = (
        configuration(
            'config vpn ipsec phase1-interface\n    edit "x"\n        set interface "wan1"\n    next\nend\n'
        ).exchanges
        or ()
    )
    assert {found.versions.basis, found.aggressive.basis, found.authentication.basis} == {Basis.DEFAULT}
    assert found.proposals[0].encryption.basis is Basis.ABSENT


def test_the_way_outside_is_told_by_role_or_default_route() -> None:
    interfaces = (
        'config system interface\n edit "wan1"\n  set role wan\n  set allowaccess ping ssh\n next\n'
        ' edit "port3"\n  set allowaccess https\n next\n edit "port4"\n  set allowaccess https\n next\n'
        "end\n"
    )
    routes = (
        'config router static\n edit 1\n  set device "port3"\n next\n edit 2\n'
        '  set dst 10.0.0.0 255.0.0.0\n  set device "port4"\n next\nend\n'
    )
    found = configuration(interfaces + routes)
    assert found.outside.value == ("port3", "wan1")
    assert [(each.interface, each.service, each.zone) for each in found.accesses or ()] == [
        ("wan1", "ssh", Zone.WAN),
        ("port3", "https", Zone.WAN),
        ("port4", "https", Zone.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("hosts", "limited"),
    [
        ("  set trusthost1 192.168.1.0 255.255.255.0\n", True),
        ("  set trusthost1 0.0.0.0 0.0.0.0\n", False),
        ("", False),
    ],
)
def test_one_administrator_without_addresses_opens_the_page_to_all(hosts: str, limited: bool) -> None:
    text = (
        'config system admin\n edit "a"\n  set trusthost1 10.1.1.1 255.255.255.255\n next\n edit "b"\n'
        f"  set accprofile x\n{hosts} next\nend\n"
    )
    interfaces = 'config system interface\n edit "wan1"\n  set role wan\n  set allowaccess ssh\n next\nend\n'
    assert (configuration(text + interfaces).accesses or ())[0].limited.value is limited


@pytest.mark.parametrize(
    ("security", "modes"),
    [
        ("open", ("open",)),
        ("wpa-personal", ("wpa", "wpa2-psk")),
        ("wpa3-sae", ("wpa3-sae",)),
        ("wpa3-sae-transition", ("wpa2-psk", "wpa3-sae")),
        ("wpa3-enterprise", ("wpa3-enterprise",)),
        ("brand-new", ("brand-new",)),
    ],
)
def test_wireless_networks_by_their_security(security: str, modes: tuple[str, ...]) -> None:
    (found,) = (
        configuration(
            f'config wireless-controller vap\n edit "g"\n  set ssid "院内"\n  set security {security}\n next\nend\n'
        ).wifi
        or ()
    )
    assert (found.ssid, found.security.value) == ("院内", modes)


def test_ssl_vpn_portals_are_read_one_by_one_and_a_stopped_service_is_off() -> None:
    portals = (
        'config vpn ssl web portal\n edit "a"\n  set web-mode enable\n next\n edit "b"\n'
        "  set web-mode disable\n next\nend\n"
    )
    found = configuration(portals + "config vpn ssl settings\n set status disable\nend\n").ssl_vpns or ()
    assert [(each.name, each.web_mode.value, each.enabled.value) for each in found] == [
        ("a", True, False),
        ("b", False, False),
    ]
    assert configuration(portals).ssl_vpns == ()


def test_a_phase_2_without_its_phase_1_is_not_lost() -> None:
    (found,) = (
        configuration(
            'config vpn ipsec phase2-interface\n edit "p"\n  set phase1name "gone"\n'
            "  set proposal 3des-md5\n next\nend\n"
        ).exchanges
        or ()
    )
    assert found.proposals[0].encryption.value == ("3des",)
