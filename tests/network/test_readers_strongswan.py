"""strongSwan: braces, references, quotes, both formats; and the files that Debian ships."""

import subprocess
from pathlib import Path

import pytest

from sekisho.network.rules.device_configuration import Basis, DeviceConfiguration, Dialect
from tests.network.configurations import read, sample


def debian_file(folder: Path, package: str, path: str) -> bytes:
    """Return a file of a Debian package, fetched and unpacked into ``folder``; skip where that is not possible."""
    try:
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True, timeout=60)
        (archive,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg", "-x", archive, folder / "x"], check=True, capture_output=True, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError):
        pytest.skip(f"the Debian package {package} cannot be fetched here")
    return (folder / "x" / path).read_bytes()


def swanctl(text: str) -> DeviceConfiguration:
    return read(text, Dialect.SWANCTL).configuration


def ipsec(text: str) -> DeviceConfiguration:
    return read(text, Dialect.IPSEC_CONF).configuration


def test_a_block_takes_over_what_it_refers_to() -> None:
    (found,) = read(sample("swanctl")).configuration.exchanges or ()
    assert (found.name, found.versions.value, found.versions.lines) == ("yakkyoku", (2,), (3,))
    assert [proposal.groups.value for proposal in found.proposals] == [("ecp384",), ("modp2048",), ("ecp384",)]
    assert found.proposals[0].lifetime.value == 4 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "connections { x { version = 1 } }",
        "connections {\n  x {\n    version = 1\n  }\n}",
        "connections\n{ x { # why\n version=1 # old\n } }",
        'connections { x { version = "1" } }',
        "connections { x { version = 2\nversion = 1 } }",
    ],
)
def test_blocks_may_be_written_in_many_ways(text: str) -> None:
    found = swanctl(text)
    assert found.faults == ()
    assert [each.versions.value for each in found.exchanges or ()] == [(1,)]


def test_signs_inside_quotes_are_text() -> None:
    text = (
        'connections { x { version = 2\n local { id = "a # b { } = c"\n auth = pubkey }\n remote { auth = pubkey } } }'
    )
    reading = read(text, Dialect.SWANCTL)
    assert reading.configuration.faults == ()
    assert [each.words for each in reading.statements if each.words[0] == "id"] == [("id", "a # b { } = c")]
    assert (reading.configuration.exchanges or ())[0].authentication.value == ("certificate",)


def test_both_ends_count_and_an_unwritten_one_is_a_default() -> None:
    local = "connections { x { local { auth = pubkey }\n remote { %s } } }"
    assert (swanctl(local % "auth = psk").exchanges or ())[0].authentication.value == ("certificate", "psk")
    assert (swanctl(local % "id = x").exchanges or ())[0].authentication.basis is Basis.DEFAULT
    assert (swanctl(local % "auth = eap-mschapv2").exchanges or ())[0].authentication.value == ("certificate", "eap")


def test_proposals_that_say_default_say_nothing() -> None:
    (found,) = (
        swanctl("connections { x { version = 2\n proposals = default, aes256-sha256-modp2048 } }").exchanges or ()
    )
    assert [proposal.encryption.basis for proposal in found.proposals] == [Basis.ABSENT, Basis.READ]


def test_an_included_file_is_said_to_be_missing() -> None:
    (fault,) = swanctl("include conf.d/*.conf\nconnections { }\n").faults
    assert (fault.line, str(fault.text)) == (1, "Another file is included here, and it was not handed in.")


def test_ipsec_conf_with_defaults_and_also() -> None:
    text = (
        "config setup\nconn %default\n    keyexchange=ikev2\nconn base\n    ike=aes256-sha256-modp2048!\n"
        "conn x\n    also=base\n    leftauth=psk\n    rightauth=pubkey # why\n"
    )
    base, found = ipsec(text).exchanges or ()
    assert (base.name, found.name, found.versions.value) == ("base", "x", (2,))
    assert found.authentication.value == ("certificate", "psk")
    assert found.proposals[0].encryption.value == ("aes-cbc",)


def test_without_an_exclamation_mark_more_is_taken() -> None:
    (found,) = ipsec("conn x\n    ike=aes256-sha256-modp2048\n    esp=aes256gcm16!\n").exchanges or ()
    assert (found.beyond.value, found.beyond.lines) == (True, (2,))
    (found,) = ipsec("conn x\n    keyexchange=ikev2\n").exchanges or ()
    assert (found.beyond.value, found.beyond.basis) == (True, Basis.DEFAULT)


def test_the_swanctl_conf_of_debian(tmp_path: Path) -> None:
    reading = read(debian_file(tmp_path, "strongswan-swanctl", "etc/swanctl/swanctl.conf"))
    assert reading.dialect is Dialect.SWANCTL
    assert reading.configuration.exchanges == ()
    assert [str(fault.text) for fault in reading.configuration.faults] == [
        "Another file is included here, and it was not handed in."
    ]


def test_the_ipsec_conf_of_debian(tmp_path: Path) -> None:
    content = debian_file(tmp_path, "strongswan-starter", "etc/ipsec.conf")
    assert read(content).dialect is Dialect.IPSEC_CONF
    assert read(content).configuration.exchanges == ()
    # Its examples, brought to life: certificates by default, and more taken than listed.
    alive = content.decode().replace("#conn", "conn").replace("#      ", "      ")
    found = read(alive).configuration.exchanges or ()
    assert [each.name for each in found] == ["sample-self-signed", "sample-with-ca-cert"]
    assert {each.authentication.basis for each in found} == {Basis.DEFAULT}
