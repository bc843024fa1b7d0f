"""The peer of ``benchmarks.sign_in``: a django-allauth site with password and one-time code, in its own interpreter.

Run by that interpreter, which has no Sekisho: ``PYTHON benchmarks/sign_in_peer.py PASSES ROUNDS``. Django 5.2 and
allauth with its MFA as a project begins with them, SQLite on disk with every commit durable, the same Argon2id as ours.
It prints the median processor time of one sign-in (password, then code) and of one hash, in milliseconds, as JSON.
"""

import base64
import importlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import include, path

PASSES, ROUNDS = int(sys.argv[1]), int(sys.argv[2])
PASSWORD = "asa no hikari 2026 mado"
APPS = ["auth", "contenttypes", "sessions", "messages"]


class Hasher(Argon2PasswordHasher):
    """The hash of the house, with so many passes."""

    time_cost = PASSES
    memory_cost = 19 * 1024
    parallelism = 1


def configure(home: Path) -> None:
    """Set a site up as the documents of allauth do."""
    settings.configure(
        ROOT_URLCONF="peer_urls",
        SECRET_KEY="bench" * 10,
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "allauth", "allauth.account", "allauth.mfa"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        PASSWORD_HASHERS=[f"{__name__}.Hasher"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": home / "db.sqlite3",
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                },
            }
        },
        ACCOUNT_LOGIN_METHODS={"username"},
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_RATE_LIMITS=False,  # one address signs in again and again here
        LOGIN_REDIRECT_URL="/accounts/",
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    )
    django.setup()
    urls: Any = ModuleType("peer_urls")
    urls.urlpatterns = [path("accounts/", include("allauth.urls"))]
    sys.modules["peer_urls"] = urls


def cost(work: Callable[[], object]) -> float:
    """Return the median processor time of ``work`` in milliseconds."""
    spent = []
    for _each in range(ROUNDS):
        begun = time.process_time()
        work()
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent)


def measure() -> dict[str, float]:
    """Enter one person with password and app, and sign in again and again."""
    auth = importlib.import_module("allauth.mfa.totp.internal.auth")
    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("yamada", "yamada@example.jp", PASSWORD)
    secret = base64.b32encode(bytes(range(20))).decode()
    auth.TOTP.activate(user, secret)

    def sign_in() -> None:
        cache.clear()  # a code is used once; here time does not go by between two sign-ins
        visitor = Client(headers={"host": "localhost"})
        answer = visitor.post("/accounts/login/", {"login": "yamada", "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        code = auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))
        answer = visitor.post(answer.headers["Location"], {"code": code})
        assert (answer.status_code, "_auth_user_id" in visitor.session) == (302, True), answer.content

    sign_in()
    hashed = make_password(PASSWORD)
    return {"sign_in": cost(sign_in), "hash": cost(lambda: check_password(PASSWORD, hashed))}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="skpeer") as home:
        configure(Path(home))
        print(json.dumps(measure()))
