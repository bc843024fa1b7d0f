"""Figures of looking at TLS endpoints: sixty full examinations, the daily look, the three attempts. ``make bench``.

The endpoints are ports of nginx and Caddy on this machine, good and bad ones in turn. The rival's figure is that of
sslyze 6.3.1, measured on a machine of this kind: 2.3 endpoints a second, five at once in 367 MiB.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from sekisho.kernel import clock
from sekisho.network.queries.mutual_tls import probe_mutual_tls
from sekisho.network.queries.profiles import high_security
from sekisho.network.queries.tls_light import look_lightly
from sekisho.network.queries.tls_scan import AT_ONCE, Address, scan_all
from sekisho.network.rules.judged import outcome_of
from sekisho.network.rules.tls import judge
from tests.network import servers
from tests.network.servers import LOOPBACK, NAME, Site

ENDPOINTS = 60
MOST_SECONDS = 30.0
MOST_MEGABYTES = 400.0
MOST_LIGHT = 0.1
SSLYZE_RATE = 2.3
SSLYZE_MEGABYTES = 367.0


class Memory(threading.Thread):
    """Watches what this process's children hold, until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.others = {child.pid for child in psutil.Process().children(recursive=True)}
        self.peak = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Look every twenty milliseconds; the children come and go."""
        while not self.ended.wait(0.02):
            held = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    held += child.memory_info().rss if child.pid not in self.others else 0
                except psutil.Error:
                    continue
            self.peak = max(self.peak, held)


@contextmanager
def endpoints(folder: Path) -> Iterator[list[Address]]:
    """Run the servers and yield sixty endpoints: six kinds in turn, or two where there is no nginx."""
    authority = servers.identity("Clinic CA", authority=True)
    good = servers.identity(NAME, issuer=authority)
    rsa = servers.identity(NAME, issuer=authority, key=servers.rsa_key())
    ca = folder / "ca.pem"
    ca.write_text(authority.pem)
    client = {
        "client_authentication": {"mode": "require_and_verify", "ca": {"provider": "file", "pem_files": [str(ca)]}}
    }
    kinds = {
        "good": Site(good, "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; ssl_prefer_server_ciphers on;"),
        "mtls": Site(good, f"ssl_protocols TLSv1.3; ssl_verify_client on; ssl_client_certificate {ca};"),
        "high": Site(rsa, "ssl_protocols TLSv1.2; ssl_ciphers HIGH;"),
        "old": Site(servers.old_identity(), "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;"),
    }
    with ExitStack() as running:
        ports: list[int] = []
        if servers.find_nginx():
            sites = {f"{name}{number}": site for number in range(ENDPOINTS // 6) for name, site in kinds.items()}
            ports += running.enter_context(servers.nginx(folder / "nginx", sites)).values()
        rest = {f"caddy{number}": client if number % 2 else {} for number in range(ENDPOINTS - len(ports))}
        ports += running.enter_context(servers.caddy(folder / "caddy", rest, good)).values()
        yield [Address(LOOPBACK, port, ca_pem=authority.pem, server_name=NAME) for port in ports]


def full(addresses: list[Address]) -> None:
    """Examine and judge every endpoint."""
    memory = Memory()
    memory.start()
    begun = time.perf_counter()
    seen = list(scan_all(addresses))
    seconds = time.perf_counter() - begun
    memory.ended.set()
    begun = time.perf_counter()
    outcomes = [outcome_of(judge(high_security(), one, clock.now())) for one in seen]
    judged = time.perf_counter() - begun
    counts = {outcome.value: outcomes.count(outcome) for outcome in sorted(set(outcomes))}
    rate, megabytes = len(seen) / seconds, memory.peak / 2**20
    connections = sum(one.connections for one in seen)
    print(f"{len(seen)} endpoints examined, {AT_ONCE} at once: {seconds:.1f} s, bound {MOST_SECONDS:.0f} s"
          f" ({seconds / MOST_SECONDS:.2f} of it), {connections} connections; {counts}")  # fmt: skip
    print(f"  peak memory of the scanners {megabytes:.0f} MB, bound {MOST_MEGABYTES:.0f} MB"
          f" ({megabytes / MOST_MEGABYTES:.2f} of it); {megabytes / SSLYZE_MEGABYTES:.2f} of sslyze's")  # fmt: skip
    print(f"  {rate:.1f} endpoints/s, {rate / SSLYZE_RATE:.1f} times sslyze's {SSLYZE_RATE}")
    wire = statistics.median(one.seconds for one in seen)
    print(f"  without starting Python {wire * 1000:.0f} ms an endpoint (median); judging all {judged * 1000:.0f} ms")


def light(addresses: list[Address]) -> None:
    """Look at every endpoint as the daily run does."""
    times = []
    for address in addresses:
        begun = time.perf_counter()
        seen = look_lightly(address.host, address.port, server_name=address.server_name)
        times.append(time.perf_counter() - begun)
        assert seen.version, seen
    slowest = max(times)
    print(f"daily look: median {statistics.median(times) * 1000:.1f} ms, slowest {slowest * 1000:.1f} ms, bound"
          f" {MOST_LIGHT * 1000:.0f} ms ({slowest / MOST_LIGHT:.2f} of it)")  # fmt: skip


def mutual(addresses: list[Address]) -> None:
    """Try client certificates at some endpoints."""
    times = []
    for address in addresses[:12]:
        begun = time.perf_counter()
        probe_mutual_tls(address.host, address.port, server_name=address.server_name)
        times.append(time.perf_counter() - begun)
    print(f"attempts with client certificates: median {statistics.median(times) * 1000:.0f} ms, process included")


def main() -> None:
    """Print every figure."""
    print(f"network: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder, endpoints(Path(folder)) as addresses:
        full(addresses)
        light(addresses)
        mutual(addresses)


if __name__ == "__main__":
    main()
