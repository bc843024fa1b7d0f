"""Handing out the root certificate: the file is the one that signs, and with it a browser opens without a warning."""

import http.client
import plistlib
import re
import shutil
import ssl
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Error, sync_playwright

from sekisho.config.environment import environment
from sekisho.config.https.own import examine, keep
from sekisho.config.https.roots import fingerprint, groups, read_out, to_der
from sekisho.config.processes.caddy import root_certificate
from sekisho.config.processes.home import prepare_home
from sekisho.config.trusting import handing_out, views
from sekisho.kernel.access import Role
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.config.running import Instance, run
from tests.config.test_own_certificate import GOOD, ROOT, put, settings_for
from tests.network.servers import ROOT as HOUSE
from tests.network.servers import Identity

UNPACKED = HOUSE / ".venv/debian/usr/bin/certutil"
CERTUTIL = str(UNPACKED) if UNPACKED.is_file() else shutil.which("certutil")
FILES = ("sekisho-root.crt", "sekisho-root.pem", "sekisho-root.mobileconfig")


def told(page: str) -> str:
    """Return the fingerprint that a page shows."""
    return "".join(re.findall(r"<code>([0-9A-F]{4})</code>", page))


@pytest.mark.processes
def test_what_is_handed_out_signs_what_is_shown(shared: Instance) -> None:
    """Fetched over a connection that nobody trusts yet, as whoever needs it does; then trusted, and nothing else is."""
    careless = ssl._create_unverified_context()  # whoever needs the file has no other way
    found: dict[str, bytes] = {}
    connection = http.client.HTTPSConnection("localhost", shared.port, context=careless, timeout=20)
    for name in ("", *FILES):
        connection.request("GET", f"/trust/{name}")
        answer = connection.getresponse()
        found[name] = answer.read()
        assert answer.status == 200, name
    connection.close()
    der = found["sekisho-root.crt"]
    assert ssl.PEM_cert_to_DER_cert(found["sekisho-root.pem"].decode()) == der
    (payload,) = plistlib.loads(found["sekisho-root.mobileconfig"])["PayloadContent"]
    assert (payload["PayloadType"], payload["PayloadContent"]) == ("com.apple.security.root", der)
    assert told(found[""].decode()) == sha256(der).hexdigest().upper()
    assert b"PRIVATE KEY" not in b"".join(found.values())
    trusting = ssl.create_default_context(cadata=der)
    trusted = http.client.HTTPSConnection("localhost", shared.port, context=trusting, timeout=20)
    trusted.request("GET", "/healthz")
    assert trusted.getresponse().status == 200
    trusted.close()
    spoken = " ".join(" ".join(line) for line in groups(fingerprint(der)))
    assert spoken in run(shared.home, ["doctor"], shared.settings).stdout, "the operator reads it out"


@pytest.mark.django_db
def test_nothing_is_handed_out_where_nothing_is_to_be(
    browser_client: Callable[[], Client],
    signed_in: Callable[..., Client],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    english: None,
) -> None:
    """Before the first start, with an authority that computers know, and with the facility's own authority."""
    settings = settings_for(home)
    prepare_home(settings)
    monkeypatch.setattr(views, "environment", lambda: settings)
    client = browser_client()
    assert "There is no root certificate yet" in client.get("/trust/").content.decode()
    assert {client.get(f"/trust/{name}").status_code for name in (*FILES, "sekisho-root.key")} == {404}
    put(settings, GOOD)
    keep(settings, examine(settings))
    page = client.get("/trust/").content.decode()
    assert told(page) == fingerprint(ssl.PEM_cert_to_DER_cert(ROOT.pem))
    assert "sheet.pdf" not in page
    operator = signed_in(Role.STAFF)
    assert "sheet.pdf" in operator.get("/trust/").content.decode()
    sheet = operator.get("/trust/sheet.pdf")
    assert sheet.content.startswith(b"%PDF-")
    monkeypatch.setattr(handing_out, "in_use", lambda _settings: type("Known", (), {"root": None})())
    assert "Nothing has to be installed" in client.get("/trust/").content.decode()
    assert {client.get(f"/trust/{name}").status_code for name in FILES} == {404}


def test_a_fingerprint_is_read_out_in_groups_of_four(tmp_path: Path) -> None:
    file = tmp_path / "root.crt"
    file.write_text(f"comment\n{Identity(ROOT.certificate, ROOT.key).pem}")
    spoken = read_out(file)
    assert re.fullmatch(r"([0-9A-F]{4} ){15}[0-9A-F]{4}", spoken)
    assert spoken.replace(" ", "") == sha256(to_der(ROOT.pem)).hexdigest().upper()
    assert read_out(tmp_path / "none") == ""


@pytest.mark.full
@pytest.mark.processes
@pytest.mark.skipif(CERTUTIL is None, reason="certutil: not there; scripts/debian-tools brings it")
def test_a_browser_that_trusts_it_warns_no_more(shared: Instance, tmp_path: Path) -> None:
    """Chromium in a home of its own: without the root it refuses, with it in its store it opens the page."""
    complaints: list[str] = []

    def opens() -> bool:
        with sync_playwright() as playwright:
            browser: Any = playwright.chromium.launch(
                executable_path=CHROMIUM, args=FLAGS, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
            )
            try:
                browser.new_page().goto(f"https://localhost:{shared.port}/trust/")
            except Error as error:
                complaints.append(str(error))
                return False
            finally:
                browser.close()
            return True

    assert not opens()
    store = tmp_path / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil = CERTUTIL or ""
    subprocess.run([certutil, "-N", "-d", f"sql:{store}", "--empty-password"], check=True, timeout=60)
    root = root_certificate(environment().model_copy(update={"home": shared.home}))
    wanted = ["-A", "-t", "C,,", "-n", "Sekisho", "-i", str(root)]
    subprocess.run([certutil, "-d", f"sql:{store}", *wanted], check=True, timeout=60)
    assert opens()
    assert "ERR_CERT_AUTHORITY_INVALID" in "".join(complaints)
    shutil.rmtree(store)
