"""The mapping promises nothing that is not there, and nothing that no test has seen fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.governance.queries import editions
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.mapping import ProofKind, dangling
from sekisho.kernel import registry

TESTS = Path(__file__).resolve().parents[1]
GIVES_UP = {"skip", "skipif", "xfail", "importorskip"}
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def known(edition_id: str) -> dict[ProofKind, set[str]]:
    """Return what there is to be named by a proof of an edition. A paper without a way to hand it in is none."""
    found = registry.current()
    can_be_handed_in = found.workflow(ClaimKind.DOCUMENT.value) is not None
    return {
        ProofKind.CONTROL: {control.id for control in found.controls},
        ProofKind.LEDGER: {coverage.id for coverage in found.coverages},
        ProofKind.DOCUMENT: set(editions.papers(edition_id)) if can_be_handed_in else set(),
        ProofKind.ATTESTATION: {workflow.id for workflow in found.workflows},
    }


def checks_named(edition_id: str) -> set[str]:
    """Return the controls and coverages that exist and prove something in an edition."""
    proofs = [proof for _leaf, proof in editions.mapping(edition_id).proofs if not proof.planned]
    there = known(edition_id)
    return {proof.id for proof in proofs for kind in (ProofKind.CONTROL, ProofKind.LEDGER) if proof.id in there[kind]}


def shown_to_fail(source: str) -> Iterator[str]:
    """Yield the ids for which a test file holds a test marked ``failing_fixture`` that is really run."""
    tree = ast.parse(source)
    if any(_gives_up(node) for node in tree.body if not isinstance(node, (ast.ClassDef, *Function))):
        return
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")]
    bodies = [tree.body, *(group.body for group in classes if not _gives_up_at_once(group))]
    for node in (node for body in bodies for node in body):
        if isinstance(node, Function) and node.name.startswith("test") and not _gives_up(node):
            yield from (found for mark in node.decorator_list for found in _ids(mark))


def _ids(mark: ast.expr) -> Iterator[str]:
    match mark:
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="failing_fixture"),
            args=[ast.Constant(value=str(found))],
        ):
            yield found


def _gives_up(node: ast.AST) -> bool:
    """Tell whether something skips or expects to fail anywhere inside, even on one condition only."""
    named = [inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    named += [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    return bool(GIVES_UP & set(named))


def _gives_up_at_once(group: ast.ClassDef) -> bool:
    rest = [node for node in group.body if not isinstance(node, Function)]
    return any(_gives_up(node) for node in [*group.decorator_list, *rest])


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The ids that some test has seen fail."""
    files = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__).resolve()]
    return {found for path in files for found in shown_to_fail(path.read_text(encoding="utf8"))}


@pytest.mark.parametrize("edition_id", editions.edition_ids())
def test_no_built_proof_names_what_does_not_exist(edition_id: str) -> None:
    """A mapping that names a missing control or coverage would never be shown as the gap that it is."""
    assert dangling(editions.mapping(edition_id), known(edition_id)) == []


@pytest.mark.parametrize("edition_id", editions.edition_ids())
def test_every_check_that_proves_something_was_seen_to_fail(edition_id: str, seen: set[str]) -> None:
    """A check that nobody has seen fail may be one that cannot."""
    assert checks_named(edition_id) - seen == set()


def test_a_check_without_a_failing_test_is_found_missing(seen: set[str]) -> None:
    """The test above can fail: nothing shows an unknown id, and only the marks of this house count."""
    assert "estate.system_owners" in seen
    assert "estate.unheard_of" not in seen
    assert {"estate.system_owners", "estate.unheard_of"} - seen == {"estate.unheard_of"}


MARKED = "import pytest\n@pytest.mark.failing_fixture('network.tls')\ndef test_it():\n    assert True\n"


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        (MARKED, ["network.tls"]),
        (MARKED.replace("def test", "async def test"), ["network.tls"]),
        (MARKED.replace("@", "@pytest.mark.failing_fixture('network.vpn')\n@", 1), ["network.vpn", "network.tls"]),
        ("class TestAll:\n    @pytest.mark.failing_fixture('a.b')\n    def test_it(self): ...\n", ["a.b"]),
        (MARKED.replace("def test_it", "def look_at_it"), []),
        (MARKED.replace("failing_fixture", "django_db"), []),
        (MARKED.replace("'network.tls'", "name"), []),
        (MARKED.replace("@", "@pytest.mark.skip\n@", 1), []),
        (MARKED.replace("@", "@pytest.mark.skipif(x, reason='y')\n@", 1), []),
        (MARKED.replace("@", "@pytest.mark.xfail(strict=False)\n@", 1), []),
        (MARKED.replace("assert True", "pytest.skip('not here')"), []),
        (MARKED.replace("assert True", "pytest.importorskip('x')"), []),
        ("pytestmark = [pytest.mark.skip]\n" + MARKED, []),
        ("if x:\n    pytest.skip('y', allow_module_level=True)\n" + MARKED, []),
        (
            "@pytest.mark.skip\nclass TestAll:\n    @pytest.mark.failing_fixture('a.b')\n    def test_it(self): ...\n",
            [],
        ),
        ("class Other:\n    @pytest.mark.failing_fixture('a.b')\n    def test_it(self): ...\n", []),
        (MARKED + "@pytest.mark.skip\ndef test_other(): ...\n", ["network.tls"]),
        ("# @pytest.mark.failing_fixture('a.b')\nx = \"pytest.mark.failing_fixture('a.b')\"\n", []),
    ],
)
def test_only_tests_that_are_run_count(source: str, ids: list[str]) -> None:
    """Skipped, expected to fail, not collected or merely written about: none of these has seen anything."""
    assert list(shown_to_fail(source)) == ids
