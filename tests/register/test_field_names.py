"""What services write into events is shown under words, not under codes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.register.views.field_names import NAMES

SERVICES = Path(__file__).resolve().parents[2] / "src" / "sekisho"
NAMED = (
    "people/services/oidc.py", "people/services/oidc_keys.py", "people/services/oidc_notices.py",
    "people/services/oidc_parties.py", "people/services/ssh_keys.py", "people/services/host_names.py",
    "people/services/authenticators.py", "people/services/service_clients.py", "people/services/duties.py",
    "governance/services/alarms.py", "governance/services/delivery_settings.py", "config/services.py",
    "config/trusting/renewal.py", "network/services/availability.py", "network/services/weekly_reports.py",
)  # fmt: skip


def written(path: Path) -> Iterator[str]:
    """Yield the fields of every literal that is given, or named, as details."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.keyword(arg="details", value=ast.Dict() as found):
                yield from _keys(found)
            case ast.AnnAssign(target=ast.Name(id="details"), value=ast.Dict() as found):
                yield from _keys(found)
            case ast.Assign(targets=[ast.Name(id="details")], value=ast.Dict() as found):
                yield from _keys(found)


def _keys(found: ast.Dict) -> Iterator[str]:
    yield from (key.value for key in found.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


@pytest.mark.parametrize("name", NAMED)
def test_every_field_has_a_name(name: str) -> None:
    """In every service of sign-ins elsewhere, keys, host names, alarms, backups and the watching."""
    assert set(written(SERVICES / name)) <= NAMES.keys()
