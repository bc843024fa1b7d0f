"""The documents keep their word: what they name exists, and what exists is named."""

import ast
import importlib
import importlib.util
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from django.conf import settings

import sekisho
from sekisho.config.environment import PREFIX, Environment
from sekisho.governance.rules.alarms import ALARMING_CHECKS
from sekisho.governance.rules.notices import NoticeKind
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.ports import Trouble

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MANUAL = sorted((DOCS / "ja").glob("*.md"))
READMES = (ROOT / "README.md", ROOT / "README.ja.md")
LONGEST_ARCHITECTURE = 130
LONGEST_README = 120
# Hosts of package registries, as patterns that this file does not match itself.
HOSTS = (
    r"py[p]i\.org",
    r"python[h]osted",
    r"npm[j]s\.",
    r"un[p]kg\.",
    r"js[d]elivr\.",
    r"cr[a]tes\.io",
    r"deb\.deb[i]an",
)
SWITCHES = ("index url", "extra-index url", "find links")
FORBIDDEN = re.compile("|".join((*HOSTS, *(f"--{switch.replace(' ', '[-]')}" for switch in SWITCHES))))


def read(path: Path) -> str:
    """Return a document's text."""
    return path.read_text(encoding="utf8")


def manual() -> str:
    """Return the whole manual."""
    return "\n".join(map(read, MANUAL))


def repository_files() -> list[str]:
    """Return the files that are or would be in the repository; without git every file outside hidden folders."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return sorted(str(path) for path in paths if path.parts[0][0] != "." and path.parts[0] != "data")
    return sorted(name for name in answer.split("\0") if name and (ROOT / name).is_file())


# The threat model


def risks() -> list[tuple[int, str, str]]:
    """Return every risk of the threat model: number, title, text."""
    parts = re.split(r"^### T-(\d+) (.+)$", read(DOCS / "threat-model.md"), flags=re.MULTILINE)
    return [(int(number), title, text) for number, title, text in zip(*[iter(parts[1:])] * 3, strict=True)]


def test_risks_are_numbered_one_after_another() -> None:
    """A number names one risk for good."""
    numbers = [number for number, _title, _text in risks()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 25


@pytest.mark.parametrize(("number", "title", "text"), risks(), ids=[f"T-{number:02}" for number, _, _ in risks()])
def test_a_risk_has_a_measure_and_the_tests_it_names_exist(number: int, title: str, text: str) -> None:
    """What nothing holds yet must say so, and say what remains."""
    assert "- Measure: " in text
    held = next(line for line in text.splitlines() if line.startswith("- Held by: "))
    named = re.findall(r"`([^`]+)`", held)
    if not named:
        assert held == "- Held by: nothing yet"
        assert "- Remains: " in text
    for test in named:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), f"T-{number} names {file}, which does not exist"
        assert not name or name in functions_of(ROOT / file), f"T-{number} names {test}, which does not exist"


def functions_of(path: Path) -> set[str]:
    """Return the names of the functions in a file."""
    nodes = ast.walk(ast.parse(read(path)))
    return {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


# Settings, commands, errors


@pytest.mark.parametrize("name", sorted(Environment.model_fields))
def test_a_setting_is_described(name: str) -> None:
    """In both READMEs and in the manual, in a table, where those that belong together may share a row."""
    row = re.compile(rf"^\| [^|]*`{PREFIX}{name.upper()}`[^|]* \|", re.MULTILINE)
    for path in (*READMES, DOCS / "ja" / "settings.md"):
        assert row.search(read(path)), f"{path.name} does not describe {PREFIX}{name.upper()}"


def test_no_setting_is_described_that_does_not_exist() -> None:
    """A setting that was taken away goes from the documents too."""
    known = {f"{PREFIX}{name.upper()}" for name in Environment.model_fields} | {
        "SEKISHO_APPS"
    }  # Django's list of rooms
    for path in (*READMES, *MANUAL, *DOCS.glob("*.md"), *DOCS.glob("adr/*.md"), ROOT / "ARCHITECTURE.md"):
        assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", read(path))) <= known, path


def commands() -> Iterator[str]:
    """Yield every command an operator may type, found as the program finds them."""
    for app in settings.SEKISHO_APPS:
        if importlib.util.find_spec(f"{app}.commands") is not None:
            for command in importlib.import_module(f"{app}.commands").commands:
                yield from _words(command, f"sekisho {command.name}")


def _words(command: click.Command, words: str) -> Iterator[str]:
    if command.hidden:
        return
    if not isinstance(command, click.Group):
        yield words
        return
    for inner in command.commands.values():
        yield from _words(inner, f"{words} {inner.name}")


@pytest.mark.parametrize("words", sorted(commands()))
def test_a_command_is_described(words: str) -> None:
    """In both READMEs and in the manual."""
    for name, text in (*((path.name, read(path)) for path in READMES), ("the manual", manual())):
        assert f"`{words}" in text, f"{name} does not describe “{words}”"


def errors() -> dict[str, type[SekishoError]]:
    """Return every error of the house by its code."""
    for module in pkgutil.walk_packages(sekisho.__path__, "sekisho."):
        if not {"migrations", "wsgi", "settings"} & set(module.name.split(".")):
            importlib.import_module(module.name)
    found: dict[str, type[SekishoError]] = {}
    waiting: list[type[SekishoError]] = [SekishoError]
    while waiting:
        children = [kind for kind in waiting.pop().__subclasses__() if kind.__module__.startswith("sekisho.")]
        waiting += children
        found |= {kind.code: kind for kind in children}
    return found


def test_every_error_is_in_the_list_of_troubles() -> None:
    """Each code with its exit code, and none that does not exist any more."""
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (\d+) \|", read(DOCS / "ja" / "trouble.md"), flags=re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a code stands there twice"
    assert dict(rows) == {code: str(kind.exit_code) for code, kind in errors().items()}


def test_every_exit_code_is_explained() -> None:
    """A script that looks at the exit code finds it in the manual."""
    explained = {
        int(code) for code in re.findall(r"^\| (\d+) \|", read(DOCS / "ja" / "trouble.md"), flags=re.MULTILINE)
    }
    assert {kind.exit_code for kind in errors().values()} | {0} <= explained


# Decisions, architecture, manual


def test_every_decision_is_listed() -> None:
    """Consecutive numbers, a heading with the number, the four parts, and a line in the list."""
    index = read(DOCS / "adr" / "README.md")
    files = sorted(path for path in (DOCS / "adr").glob("*.md") if path.name != "README.md")
    assert [path.name[:5] for path in files] == [f"{number:04}-" for number in range(1, len(files) + 1)]
    for path in files:
        text = read(path)
        assert f"[{path.name[:4]}]({path.name})" in index, path.name
        assert text.startswith(f"# {path.name[:4]} "), path.name
        parts = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], path.name


def test_the_architecture_fits_on_two_pages_and_names_every_room() -> None:
    """A page that grows is read no more; a room that is not on it is not found."""
    text = read(ROOT / "ARCHITECTURE.md")
    assert len(text.splitlines()) <= LONGEST_ARCHITECTURE
    rooms = [path.name for path in Path(sekisho.__path__[0]).iterdir() if path.is_dir() and path.name[0] not in "._"]
    assert [room for room in rooms if f"  {room}/" not in text] == []


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_a_readme_is_short(path: Path) -> None:
    """The way in, not the whole house."""
    assert len(read(path).splitlines()) <= LONGEST_README


def test_every_page_of_the_manual_is_reached_from_its_first() -> None:
    """In the list for readers and in the one for Sphinx."""
    index = read(DOCS / "ja" / "index.md")
    for path in MANUAL:
        if path.stem != "index":
            assert f"({path.name})" in index, path.name
            assert f"\n{path.stem}\n" in index, path.name


def pages() -> list[Path]:
    """Return every page in Markdown."""
    return [ROOT / name for name in repository_files() if name.endswith(".md")]


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    """Pictures are looked for too."""
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", read(path))]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


# What no file may hold


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and content of every text file."""
    for name in repository_files():
        try:
            yield name, read(ROOT / name)
        except UnicodeDecodeError:
            continue


def test_no_text_names_a_package_index() -> None:
    """Packages come from whatever source the user trusts; an address in a file would decide for them."""
    found = [f"{name}: {match[0]}" for name, text in texts() for match in FORBIDDEN.finditer(text)]
    assert found == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_every_requirement_carries_a_hash(path: Path) -> None:
    """Exact versions with hashes, so that everybody installs the same bytes."""
    entries = re.split(r"\n(?=\S)", read(path).strip())
    assert [entry for entry in entries if not re.match(r"[a-z0-9._-]+(\[[a-z,_-]+\])?==", entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_alarm_has_its_section_in_the_manual() -> None:
    """Whoever is called at night finds what it means, what to do and whom to call, by the name that it is sent with."""
    names = {kind.value for kind in NoticeKind} | {f"platform/{one.value}" for one in Trouble} | set(ALARMING_CHECKS)
    parts = re.split(r"^#{2,3} .*（`([a-z_./]+)`）$", read(DOCS / "ja" / "alarms.md"), flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert said.keys() == names
    for name, words in said.items():
        wanted = () if name == "platform" else ("意味", "すること", "連絡先")
        assert all(f"**{word}**" in words for word in wanted), name
