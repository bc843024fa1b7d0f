"""What a sign-in costs the server: ``python -m benchmarks.sign_in [--peer [PYTHON]]``.

Seconds of processor time in one process, through Django's whole chain, SQLite on disk with every commit durable. Beside
each the floor of the same run: one Argon2id hash as passwords are stored, one check of an ES256 signature. The keys are
those of the tests, in software; what the browser does is not counted.

With ``--peer`` a django-allauth site signs in with password and code beside us, with the same Argon2id and once more
with a single pass, so that the frame's own cost shows. It runs in the interpreter that is named, else in a virtual
environment made for it and thrown away.
"""

import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sekisho.config.logs import configure
from sekisho.config.passwords import PASSES, SmallArgon2Hasher
from sekisho.kernel import clock
from sekisho.kernel.access import Role

ROUNDS = 30
PEER = ["django-allauth[mfa]==65.*", "argon2-cffi", "django==5.2.*", "qrcode"]
_HEADERS = {"host": "localhost", "x-forwarded-proto": "https"}
_PASSWORD, _SEED = "asa no hikari 2026 mado", bytes(range(20))


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
        if "--peer" in sys.argv:
            compare(sys.argv[sys.argv.index("--peer") + 1 :])


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
    made = passkeys.check_key(passkeys.Spoken(state, key.make(asked)), None)
    passkeys.store_key(user, "key", made, state)


def sign_in(key: Any) -> Client:
    """Sign in with the key alone and return the browser."""
    visitor = Client(headers=_HEADERS)
    told: dict[str, Any] = visitor.post("/sign-in/key/options/", {"purpose": "alone"}).json()
    answer = visitor.post("/sign-in/key/", {"answer": json.dumps(key.show(told))})
    assert answer.status_code == 302, answer.content
    return visitor


def add_app() -> Any:
    """Give the person a password and an authenticator app, and return what signs them in."""
    models, signing = (importlib.import_module(f"sekisho.people.{name}") for name in ("models", "services.sign_in"))
    sealing, totp = (importlib.import_module(f"sekisho.trust.{name}") for name in ("sealing", "totp"))
    user = models.User.objects.get(login="yamada")
    user.password = make_password(_PASSWORD)
    user.save()
    sealed = sealing.seal(settings.SEAL_KEY, _SEED, signing.totp_context(user.pk))
    secret = models.TotpSecret.objects.create(user=user, sealed_seed=sealed, confirmed_at=clock.now())

    def enter() -> None:
        # A code is used once; here time does not go by between two sign-ins.
        models.TotpSecret.objects.filter(pk=secret.pk).update(last_step=0)
        visitor = Client(headers=_HEADERS)
        answer = visitor.post("/sign-in/", {"login": "yamada", "password": _PASSWORD})
        assert answer.status_code == 302, answer.content
        code = totp.code_at(_SEED, int(clock.now().timestamp()) // totp.STEP_SECONDS)
        answer = visitor.post("/sign-in/code/", {"code": code})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/"), answer.content

    return enter


def compare(named: list[str]) -> None:
    """Sign in with password and code, here and at the peer, with the passes of production and with one."""
    enter = add_app()
    with tempfile.TemporaryDirectory(prefix="skpeer") as home:
        python = named[0] if named else make_peer(Path(home))
        print("password and code, processor time     ours   allauth   ours / allauth")
        for passes in (PASSES, 1):
            SmallArgon2Hasher.time_cost = passes
            User = importlib.import_module("sekisho.people.models").User  # noqa: N806  # a model
            User.objects.filter(login="yamada").update(password=make_password(_PASSWORD))
            hashed = make_password(_PASSWORD)
            rounds = 10 if passes > 1 else ROUNDS
            mine, floor = cost(enter, rounds), cost(lambda: check_password(_PASSWORD, hashed), 5)  # noqa: B023
            command = [python, str(Path(__file__).with_name("sign_in_peer.py")), str(passes), str(rounds)]
            theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            peer = theirs["sign_in"]
            print(f"  Argon2id with {passes:2} passes          {mine:7.1f} ms{peer:7.1f} ms {mine / peer:10.2f}")
            print(f"  sign-ins a second and core      {1000 / mine:7.1f}   {1000 / peer:7.1f}    {peer / mine:10.2f}")
            if passes == 1:  # taken from twelve passes, the difference would be their noise
                own, other = mine - floor, peer - theirs["hash"]
                print(f"  the frame alone, without hash   {own:7.1f} ms{other:7.1f} ms {own / other:10.2f}")


def make_peer(home: Path) -> str:
    """Return the interpreter of a new environment with the peer in it."""
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = str(home / "bin/python")
    subprocess.run([python, "-m", "pip", "-q", "install", *PEER], check=True, capture_output=True)
    return python


def explained(client: Client) -> tuple[int, str]:
    """Return how often one signed-in request reads its session, and how the database finds it."""
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/people/me")
    reads = [query["sql"] for query in queries if 'FROM "people_session"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {reads[0]}")
        return len(reads), "; ".join(str(row[-1]) for row in cursor.fetchall())


def measure(key: Any) -> None:
    """Sign in again and again, and count what one signed-in request reads of its session."""
    add_person(key)
    hashed, how = make_password("a password for the floor"), ec.ECDSA(hashes.SHA256())
    signature, public = key.private.sign(b"floor", how), key.private.public_key()
    argon = cost(lambda: check_password("a password for the floor", hashed), 5)
    verify = cost(lambda: public.verify(signature, b"floor", how))
    passkey = cost(lambda: sign_in(key))
    reads, plan = explained(sign_in(key))
    print(f"load of the machine      {os.getloadavg()[0]:8.1f}")
    print(f"Argon2id (floor)         {argon:8.1f} ms")
    print(f"ES256 check (floor)      {verify:8.2f} ms")
    print(f"sign-in with a passkey   {passkey:8.1f} ms  (bound 50; both requests of it)")
    print(f"sign-ins a second, core  {1000 / passkey:8.0f}")
    print(f"reads of the session     {reads:8d}  in one signed-in request (bound 1)")
    print(f"how it is found          {plan}")


if __name__ == "__main__":
    main()
