"""Figures of reading configurations: 7,500 lines of each kind read, judged and compared. ``make bench``.

The bound is one second for 7,500 lines, read and judged. The floor is a bare loop over the same lines that splits each
into words, measured in the same minute: on a busy machine only the ratio means something.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from sekisho.network.rules.configuration import judge, parse_profile
from sekisho.network.rules.drift import compare, normalise
from sekisho.network.rules.readers import Dialect, read_configuration

LINES = 7_500
BOUND = 1.0
ROUNDS = 5
KEY = bytes(32)
PROFILE = Path(__file__).parents[1] / "src/sekisho/network/profiles/configuration.yaml"


def yamaha() -> str:
    """Return a router with many tunnels and filters."""
    head = "# RTX1220 Rev.15.04.06\nip lan1 address 192.168.1.1/24\nip route default gateway pp 1\n"
    tunnels = "".join(
        f"tunnel select {n}\n ipsec tunnel {n}\n  ipsec sa policy {n} {n} esp aes256-cbc sha256-hmac\n"
        f"  ipsec ike version {n} 2\n  ipsec ike proposal-limitation {n} on\n  ipsec ike encryption {n} aes256-cbc\n"
        f"  ipsec ike group {n} modp2048\n  ipsec ike hash {n} sha256\n  ipsec ike pre-shared-key {n} text kagi{n}\n"
        f"  ipsec ike remote address {n} 203.0.113.{n % 250}\n tunnel enable {n}\n"
        for n in range(1, 101)
    )
    return head + tunnels + _filled(head + tunnels, lambda n: f"ip filter {n} pass 192.168.1.{n % 250} * tcp * {n}")


def fortios() -> str:
    """Return a firewall with many policies."""
    head = "#config-version=FGT60F-7.4.5\nconfig vpn ipsec phase1-interface\n" + "".join(
        f'    edit "t{n}"\n        set ike-version 2\n        set proposal aes256-sha256 aes128-sha1\n'
        "        set dhgrp 14\n"
        f"        set psksecret ENC kagi{n}\n    next\n"
        for n in range(100)
    )
    head += "end\nconfig firewall policy\n"
    count = (LINES - head.count("\n") - 1) // 6
    policies = "".join(
        f'    edit {n}\n        set srcintf "internal"\n        set dstintf "t{n % 100}"\n        set action accept\n'
        f'        set service "S{n}"\n    next\n'
        for n in range(count)
    )
    return head + policies + "end\n"


def cisco_ios() -> str:
    """Return a router with many policies and access lists."""
    head = "version 15.9\nservice password-encryption\n" + "".join(
        f"crypto isakmp policy {n}\n encr aes 256\n hash sha256\n authentication pre-share\n group 14\n"
        f"crypto isakmp key kagi{n} address 203.0.113.{n % 250}\n"
        for n in range(1, 101)
    )
    rows = _filled(head, lambda n: f" permit tcp host 192.168.1.{n % 250} any eq {n}")
    return f"{head}ip access-list extended A\n{rows}end\n"


def cisco_asa() -> str:
    """Return an ASA with many access lists."""
    head = (
        ": Saved\nASA Version 9.16(4)\ninterface G1/1\n nameif outside\n security-level 0\n"
        "crypto ikev2 policy 1\n group 19\n"
    )
    return (
        head
        + _filled(head, lambda n: f"access-list A extended permit tcp host 192.168.1.{n % 250} any eq {n}")
        + ": end\n"
    )


def swanctl() -> str:
    """Return many connections."""
    block = (
        ' c{n} {{\n  version = 2\n  proposals = aes256-sha256-modp2048\n  local {{\n   auth = pubkey\n'
        '   id = "C=JP, CN={n}"\n  }}\n'
        "  remote {{\n   auth = psk\n  }}\n  children {{\n   n {{\n"
        "    esp_proposals = aes256gcm16-modp2048\n   }}\n  }}\n }}\n"
    )  # fmt: skip
    return "connections {\n" + "".join(block.format(n=n) for n in range(LINES // 16)) + "}\n"


def ipsec_conf() -> str:
    """Return many connections of the older form."""
    block = (
        "conn c{n}\n    keyexchange=ikev2\n    ike=aes256-sha256-modp2048!\n    leftauth=pubkey\n    rightauth=psk\n"
    )
    return "config setup\n" + "".join(block.format(n=n) for n in range(LINES // 5))


def hostapd() -> str:
    """Return many networks."""
    block = "bss=wlan0_{n}\nssid=s{n}\nwpa=2\nwpa_key_mgmt=WPA-EAP\nwpa_passphrase=kagi{n}\n"
    return "interface=wlan0\nssid=s\n" + "".join(block.format(n=n) for n in range(LINES // 5))


def wifi_export() -> str:
    """Return many rows."""
    return "ssid,security,hidden,psk\n" + _filled("", lambda n: f"s{n},WPA2-Enterprise,yes,kagi{n}")


def _filled(head: str, line: Callable[[int], str]) -> str:
    return "".join(f"{line(n)}\n" for n in range(1, LINES - head.count("\n")))


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of one call."""
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def bare(text: str) -> int:
    """Return the number of words: the floor of reading anything line by line."""
    return sum(len(line.split()) for line in text.split("\n"))


def main() -> None:
    """Measure and print."""
    profile = parse_profile(PROFILE.read_text(encoding="utf8"))
    print(
        f"{'kind':<13}{'lines':>7}{'bare loop':>11}{'read':>9}{'judge':>9}{'drift':>9}"
        f"{'sum':>9}{'ratio':>8}  bound {BOUND} s"
    )
    for make in (yamaha, fortios, cisco_ios, cisco_asa, swanctl, ipsec_conf, hostapd, wifi_export):
        text = make()
        content = text.encode()
        reading = read_configuration(content, key=KEY)
        assert reading.dialect is Dialect(make.__name__)
        kept = normalise(reading)
        floor = timed(lambda text=text: bare(text))
        read = timed(lambda content=content: read_configuration(content, key=KEY))
        judged = timed(lambda reading=reading: judge(profile, reading.configuration))
        drift = timed(lambda reading=reading, kept=kept: compare(kept, normalise(reading)))
        whole = read + judged
        print(
            f"{make.__name__:<13}{text.count(chr(10)):>7}{floor:>10.4f}s{read:>8.3f}s{judged:>8.3f}s{drift:>8.3f}s{whole:>8.3f}s"
            f"{whole / floor:>7.0f}x  {'held' if whole < BOUND else 'EXCEEDED'}"
        )


if __name__ == "__main__":
    main()
