"""Another maker's application takes our sign-in: Apache with mod_auth_openidc, seen in Chromium, over TLS."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.apache import apache, find_apache
from tests.browser.test_passkeys import SECURITY_KEY, Keys, enrol_with_key, first_link, press_key
from tests.config.running import Instance, free_port, until, variables
from tests.network.servers import Identity, identity

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
Shot = Callable[[Page, str], None]
SYSTEM = """
import django; django.setup()
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry
from tests.conftest import actor_with
from sekisho.kernel.access import Role
add_entry(actor=actor_with(Role.SYSTEM_OPERATOR), ledger=SYSTEMS,
          values={"name": "電子カルテ", "kind": "emr", "form": "on_premises"})
"""


@pytest.fixture(scope="module")
def certificate() -> Identity:
    """The certificate of the application."""
    return identity("localhost", authority=True)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, certificate: Identity) -> Iterator[Instance]:
    """A running installation on a computer that trusts the application's certificate."""
    base = tmp_path_factory.mktemp("oidc")
    trusted, _key = certificate.write(base, "trusted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(trusted))
        instance = Instance(base / "home", {"port": str(free_port())}).start()
    try:
        yield instance.ready(60)
    finally:
        instance.destroy()


def enter_application(page: Page, platform: Instance, back: str, shot: Shot) -> tuple[str, str]:
    """Enter and release the application as the only person in the house; return its id and secret."""
    environment = variables(platform.home, platform.settings) | {"DJANGO_SETTINGS_MODULE": "sekisho.config.settings"}
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", SYSTEM], env=environment, cwd=root, check=True, timeout=60)
    page.goto("/relying-parties/new/")
    shot(page, "application-new-en")
    page.locator("[name=name]").fill("カルテ閲覧")
    page.locator("[name=purpose]").fill("病棟で電子カルテを開く。")
    page.locator("[name=system]").select_option(label="電子カルテ")
    page.locator("[name=responsible]").select_option(label="山田 花子")
    page.locator("[name=redirects]").fill(f"{back}/ward/back")
    page.locator("[name=roles][value=system_operator]").check()
    page.locator("[name=by_ledger]").uncheck()
    page.locator("[name=scopes][value=profile]").check()
    page.locator("[name=logout_redirects]").fill(f"{back}/bye.html")
    page.locator("[name=logout_notice]").fill(f"{back}/ward/back?logout=backchannel")
    page.locator("main form button.primary").click()
    page.locator(".actions a, a.button").get_by_text("Release it").click()
    page.locator("[name=reason]").fill("ほかに許可できる人がいない。設定書と照合した。")
    page.locator("main form button[type=submit], main form button.primary").first.click()
    shot(page, "application-en")
    client_id = page.url.rstrip("/").rsplit("/", 1)[-1]
    page.locator("a.button").get_by_text("Make a secret").click()
    page.locator("main form button.primary").click()
    secret = page.locator("#client-secret").text_content() or page.locator("#client-secret").input_value()
    shot(page, "application-secret-en")
    page.goto("/relying-parties/")
    shot(page, "applications-en")
    return client_id, secret.strip()


@pytest.mark.skipif(find_apache() is None, reason="scripts/debian-tools full has not put Apache there")
def test_apache_takes_our_sign_in(
    platform: Instance, certificate: Identity, open_browser: Callable[..., Page], shot: Shot
) -> None:
    """A page behind mod_auth_openidc opens with our key, closes by signing out there, and by signing out here."""
    program, port = find_apache(), free_port()
    assert program is not None
    page = open_browser(language="en")
    Keys(page).plug(SECURITY_KEY)
    enrol_with_key(page, first_link(platform))
    back, ours = f"https://localhost:{port}", f"https://localhost:{platform.port}"
    client_id, secret = enter_application(page, platform, back, shot)
    page.locator("form[action='/sign-out/'] button").click()
    settings = {
        "OIDCProviderMetadataURL": f"{ours}/.well-known/openid-configuration",
        "OIDCClientID": client_id,
        "OIDCClientSecret": secret,
        "OIDCRedirectURI": f"{back}/ward/back",
        "OIDCScope": "openid profile",
        "OIDCPKCEMethod": "S256",
        "OIDCRemoteUserClaim": "preferred_username",
        "OIDCCryptoPassphrase": "only for this test",
    }
    root = platform.home / "caddy/pki/authorities/local/root.crt"
    with apache(program, port, certificate, root, settings) as errors:
        page.goto(f"{back}/ward/")
        assert page.url.startswith(f"{ours}/sign-in/"), errors.read_text()
        press_key(page)
        expect(page.locator("#who")).to_have_text("yamada")
        assert page.locator("#acr").text_content() == "http://idmanagement.gov/ns/assurance/aal/2"
        assert page.url == f"{back}/ward/"
        page.goto(f"{back}/ward/back?logout={back}/bye.html")
        expect(page.locator("p")).to_have_text("bye")
        page.goto(f"{back}/ward/")
        press_key(page)
        expect(page.locator("#who")).to_have_text("yamada")
        page.goto("/")
        page.locator("form[action='/sign-out/'] button").click()

        def is_out() -> bool:
            page.goto(f"{back}/ward/")
            return page.url.startswith(f"{ours}/sign-in/")

        until(is_out, 60, "the application hears that the session is over")
