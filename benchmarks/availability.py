"""What the watching costs: 500 local endpoints asked as in one minute, as a share of one core.

``python -m benchmarks.availability`` in the folder of the repository. Half of the endpoints are asked for a TLS
handshake, half for a connection. The floor is the same number of bare connections in the same process. Processor time
only: it hardly moves with the load of the machine. The servers run in a process of their own and are not counted.
"""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import socket
import ssl
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from tests.network.servers import LOOPBACK, identity

ENDPOINTS = 500
MOST_SHARE = 0.05
ROUNDS = 3


def processor_seconds() -> float:
    """Return what this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def serve(folder: str, ports: Connection) -> None:
    """Listen on 500 ports until the other side goes: every second one speaks TLS."""
    certificate, key = identity("bench").write(Path(folder), "bench")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read(1)
        writer.close()

    async def listen() -> None:
        servers = [
            await asyncio.start_server(talk, LOOPBACK, 0, ssl=context if number % 2 else None)
            for number in range(ENDPOINTS)
        ]
        ports.send([one.sockets[0].getsockname()[1] for one in servers])
        await asyncio.to_thread(ports.recv)

    asyncio.run(listen())


def connect_only(ports: list[int]) -> None:
    """Be the floor: connect to each port and go."""
    for port in ports:
        socket.create_connection((LOOPBACK, port), 5).close()


def cost(work: Callable[[], object]) -> float:
    """Return the processor time of the middle one of three runs, in seconds."""
    found = []
    for _round in range(ROUNDS):
        before = processor_seconds()
        work()
        found.append(processor_seconds() - before)
    return sorted(found)[ROUNDS // 2]


def main() -> None:
    """Print the figures; end with 1 where the share is more than it may be."""
    home = tempfile.TemporaryDirectory()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "sekisho.config.settings", "SEKISHO_HOME": home.name}
    measure = prepared()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(home.name, there), daemon=True)
    server.start()
    try:
        good = measure(here.recv())
    finally:
        server.kill()
        server.join()
        home.cleanup()
    raise SystemExit(0 if good else 1)


def prepared() -> Callable[[list[int]], bool]:
    """Return what measures, with an empty database behind it."""
    import django

    django.setup()
    from django.core.management import call_command

    from sekisho.estate import ledgers
    from sekisho.estate.services import add_entry
    from sekisho.kernel import clock
    from sekisho.kernel.actor import platform
    from sekisho.network.models import EndpointState
    from sekisho.network.services.availability import watch_endpoints
    from tests.network.exposure import OPERATOR, system

    call_command("migrate", verbosity=0)

    def measure(ports: list[int]) -> bool:
        of = system("試験")
        for number, port in enumerate(ports):
            protocol = "tls" if number % 2 else "dicom"
            values = {"system": of, "host": LOOPBACK, "port": port, "protocol": protocol, "exposure": "internal"}
            add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)
        floor = cost(lambda: connect_only(ports))
        ours = cost(lambda: watch_endpoints(actor=platform("job")))
        up = EndpointState.objects.filter(state="up", asked_at__lte=clock.now()).count()
        share = ours / 60
        print(f"watching {ENDPOINTS} endpoints, half of them TLS: {ours:.2f} s of processor time a minute")
        print(
            f"  {share:.1%} of one core (bound {MOST_SHARE:.0%}); bare connections {floor:.2f} s, {ours / floor:.1f}x"
        )
        print(f"  {up} of {ENDPOINTS} answered; load {os.getloadavg()[0]:.1f}")
        return share < MOST_SHARE and up == ENDPOINTS

    return measure


if __name__ == "__main__":
    main()
