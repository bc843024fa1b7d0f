"""What a sign-in costs the server: ``python -m benchmarks.sign_in``.

Seconds of processor time in one process, through Django's whole chain, SQLite on disk with every commit durable. Beside
each the floor of the same run: one Argon2id hash as passwords are stored, one check of an ES256 signature. The keys are
those of the tests, in software; what the browser does is not counted.
"""

import importlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

import django
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sekisho.config.logs import configure
from sekisho.kernel import clock
from sekisho.kernel.access import Role

ROUNDS = 30
_HEADERS = {"host": "localhost", "x-forwarded-proto": "https"}


def cost(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median processor time of ``work`` in milliseconds."""
    times = []
    for _each in range(rounds):
        begun = time.process_time()
        work()
        times.append((time.process_time() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="skbench") as home:
        os.environ |= {
            "SEKISHO_HOME": home,
            "DJANGO_SETTINGS_MODULE": "sekisho.config.settings",
        }
        django.setup()
        configure("text", "error", "bench")
        call_command("migrate", verbosity=0)
        measure(importlib.import_module("tests.people.soft_authenticator").SoftKey())


def add_person(key: Any) -> None:
    """Enter one person with the key."""
    models, links, passkeys, staff = (
        importlib.import_module(f"sekisho.people.{name}")
        for name in ("models", "services.links", "services.passkeys", "services.staff")
    )
    person = staff.add_staff(staff.PersonData(name="山田 花子"))
    links.grant_roles(person, [Role.STAFF], "bench")
    user = models.User.objects.create(staff=person, login="yamada", created_at=clock.now())
    asked, state = passkeys.new_key_options(user.pk, "yamada", "山田 花子")
    made = passkeys.check_key(passkeys.Spoken(state, key.make(asked)), device_bound=False)
    passkeys.store_key(user, "key", made, state)


def sign_in(key: Any) -> Client:
    """Sign in with the key alone and return the browser."""
    visitor = Client(headers=_HEADERS)
    told: dict[str, Any] = visitor.post("/sign-in/key/options/", {"purpose": "alone"}).json()
    answer = visitor.post("/sign-in/key/", {"answer": json.dumps(key.show(told))})
    assert answer.status_code == 302, answer.content
    return visitor


def measure(key: Any) -> None:
    """Sign in again and again, and count what one signed-in request reads of its session."""
    add_person(key)
    hashed, how = make_password("a password for the floor"), ec.ECDSA(hashes.SHA256())
    signature, public = key.private.sign(b"floor", how), key.private.public_key()
    argon = cost(lambda: check_password("a password for the floor", hashed), 5)
    verify = cost(lambda: public.verify(signature, b"floor", how))
    passkey = cost(lambda: sign_in(key))
    client = sign_in(key)
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/people/me")
    reads = sum("people_session" in query["sql"] for query in queries)
    print(f"load of the machine      {os.getloadavg()[0]:8.1f}")
    print(f"Argon2id (floor)         {argon:8.1f} ms")
    print(f"ES256 check (floor)      {verify:8.2f} ms")
    print(f"sign-in with a passkey   {passkey:8.1f} ms  (bound 50; both requests of it)")
    print(f"sign-ins a second, core  {1000 / passkey:8.0f}")
    print(f"reads of the session     {reads:8d}  in one signed-in request (bound 1)")


if __name__ == "__main__":
    main()
