"""Where rules come from is shown in the reader's language: every source is a name, or one of ours."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from sekisho import network
from sekisho.kernel import text
from sekisho.kernel.access import Role
from sekisho.network.models import Probe
from sekisho.network.rules.clocks import GUIDELINE, HOST_BOUND, PLATFORM_BOUND
from sekisho.network.rules.sources import SOURCES, source_words
from tests.network import exposure as here
from tests.network.network_devices import WEAK, add_link, device_for, hand_in, router
from tests.network.test_controls import see
from tests.network.test_tls_judge import with_versions

FOLDER = Path(next(iter(network.__path__)))
# Nothing but the name of a document, with its sections.
NAME = re.compile(r"(RFC \d+(, [\d.]+)?(; )?)+|CRYPTREC LS-\d+-\w+|Sekisho")
SignedIn = Callable[..., Client]


def held(value: Any) -> Iterator[str]:
    """Yield every source inside data."""
    if isinstance(value, dict):
        yield from ([value["source"]] if isinstance(value.get("source"), str) else [])
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from held(inner)


def test_every_source_of_a_remark_can_be_translated() -> None:
    """Of the profiles and of the rules themselves; the services of the exposure profile show theirs nowhere."""
    profiles = {path.name: yaml.safe_load(path.read_text("utf8")) for path in (FOLDER / "profiles").glob("*.yaml")}
    profiles["exposure.yaml"] = profiles["exposure.yaml"]["groups"]
    found = {source for data in profiles.values() for source in held(data)}
    rules = [path.read_text("utf8") for path in (FOLDER / "rules").rglob("*.py") if path.name != "sources.py"]
    found |= {source for code in rules for source in re.findall(r'"((?:MHLW|RFC \d|IHE ITI)[^"]*)"', code)}
    found |= {f"{GUIDELINE}; figure: {bound.source}" for bound in (PLATFORM_BOUND, HOST_BOUND)}
    ours = {source.msgid for source in SOURCES}
    assert {source for source in found if not NAME.fullmatch(source)} == ours
    assert len(found) > len(ours), "and some are names"


def test_one_word_for_a_server() -> None:
    """The guideline writes サーバ; only サーバールーム has the long one."""
    root = Path(__file__).parents[2]
    texts = [
        *(root / "docs/ja").glob("*.md"),
        *(root / "src/sekisho/governance/editions").rglob("*.yaml"),
        *(FOLDER / "profiles").glob("*.yaml"),
    ]
    assert not [path.name for path in texts if re.search("サーバー(?!ルーム)", path.read_text("utf8"))]


@pytest.fixture
def _upside_down(_same_translator: None) -> None:
    """Let every text be translated in a way that is seen."""
    text.set_translator(lambda msgid: f"«{msgid}»")


@pytest.mark.django_db
@pytest.mark.usefixtures("at_nine", "_upside_down")
def test_the_pages_show_sources_in_the_readers_language(signed_in: SignedIn) -> None:
    entry = here.endpoint(here.system("a"), "ehr.example.jp", 443)
    see(entry, Probe.TLS, with_versions(TLS10=True))
    link = add_link()
    device = device_for(link)
    hand_in(device, router(*WEAK))
    client = signed_in(Role.SYSTEM_OPERATOR)
    for address in (f"/endpoints/{entry.pk}/", f"/network-devices/{device.pk}/"):
        shown = client.get(address).text
        sources = [source.msgid for source in SOURCES if source.msgid in shown]
        assert sources
        untranslated = re.sub("«[^»]*»", "", shown)
        assert not [source for source in sources if source in untranslated]
    assert str(source_words("RFC 5746")) == "«RFC 5746»"
