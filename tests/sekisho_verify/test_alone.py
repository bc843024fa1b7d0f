"""The program stands alone, speaks both languages completely, and says the same in both."""

import ast
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import sekisho_verify
from sekisho_verify.cli import main
from sekisho_verify.report import Part, State, Verdict
from sekisho_verify.texts import TEXTS, text
from tests.sekisho_verify.asking import KEY
from tests.sekisho_verify.writer import Log, entries, write

PACKAGE = Path(sekisho_verify.__path__[0])
ROOT = PACKAGE.parents[1]
SOURCES = sorted(PACKAGE.rglob("*.py"))
CRYPTOGRAPHYS_OWN = ("_cffi_backend", "_openssl", "bcrypt")
PLACES = re.compile(r"\{(\w+)\}")


def test_it_runs_where_nothing_of_the_platform_is(tmp_path: Path) -> None:
    """Copied to another place it imports the standard library, cryptography and, if it is there, rfc3161_client."""
    shutil.copytree(PACKAGE, tmp_path / "sekisho_verify", ignore=shutil.ignore_patterns("__pycache__"))
    folder = write(tmp_path / "log", Log(entries(300)).files)
    code = (
        "import sys, runpy; before = {name.split('.')[0] for name in sys.modules};"
        f"sys.path.insert(0, {str(tmp_path)!r});"
        f"sys.argv[1:] = [{str(folder)!r}, '--key', {KEY!r}, '--head', {str(folder / 'checkpoint')!r}, '--json'];"
        "import sekisho_verify.cli as cli; code = cli.main();"
        "after = {name.split('.')[0] for name in sys.modules} - before - set(sys.stdlib_module_names);"
        "print('@', code, cli.__file__, *sorted(after))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    said = run.stdout.rpartition("@")[2].split()
    assert said[0] == "0"
    assert Path(said[1]).is_relative_to(tmp_path)
    assert set(said[2:]) <= {"cryptography", *CRYPTOGRAPHYS_OWN, "rfc3161_client", "sekisho_verify"}


def test_no_source_names_the_platform() -> None:
    """Not even in a string that is imported later."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert [one for one in names if one.split(".")[0] in ("sekisho", "django")] == [], path


def test_sources_are_short_and_import_at_the_top() -> None:
    """The house's limits hold here too."""
    for path in SOURCES:
        source = path.read_text(encoding="utf8")
        assert len(source.splitlines()) <= 300, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}:{node.name}"
                assert not [one for one in ast.walk(node) if isinstance(one, (ast.Import, ast.ImportFrom))], path


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_text_is_there_twice_with_the_same_places(code: str) -> None:
    """Japanese in Japanese, English in English."""
    ja, en = TEXTS[code]
    assert sorted(PLACES.findall(ja)) == sorted(PLACES.findall(en))
    assert code in ("fact.line", "entry.json") or re.search(r"[぀-ヿ一-鿿]", ja)
    assert not re.search(r"[぀-ヿ一-鿿]", en)
    assert ja != en


def test_every_code_has_its_text_and_every_text_its_code() -> None:
    """Codes are written out in the sources; those made of parts are those of the enumerations."""
    written = {
        node.value
        for path in SOURCES
        if path.parent.name != "texts"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said = set(re.findall(r'said\("(\w+)"\)', (PACKAGE / "cli.py").read_text(encoding="utf8")))
    facts = {code for code in TEXTS if code.startswith("fact.") and code.removeprefix("fact.") in written}
    made = (
        {f"verdict.{one}" for one in Verdict} | {f"verdict.{one}.why" for one in Verdict}
        | {f"state.{one}" for one in State} | {f"part.{one}" for one in Part} | {f"help.{one}" for one in said} | facts
    )  # fmt: skip
    assert set(TEXTS) - written - made == set()
    assert made <= set(TEXTS)
    dotted = {one for one in written if re.fullmatch(r"(?:\w+)\.(?:\w+)", one) and one.split(".")[0] in
              {code.split(".")[0] for code in TEXTS}}  # fmt: skip
    assert dotted - set(TEXTS) == set()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_report_for_people(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It begins with the answer; control characters of a file never reach the terminal."""
    folder = write(tmp_path / "log", Log(entries(300), origin="evil\u009b31mregister").files)
    assert main([str(folder), "--key", KEY, "--lang", language]) == 2
    said = capsys.readouterr().out
    assert said.startswith(text("verdict.cannot_tell", language))
    assert text("part.heads", language) in said
    assert "\\u009b31m" in said
    assert "\u009b" not in said


def test_help_and_errors_are_in_both_languages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the option or by the locale."""
    for language, locale in (("ja", "ja_JP.UTF-8"), ("en", "en_US.UTF-8"), ("ja", "C")):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as ended:
            main(["--help"])
        assert ended.value.code == 0
        said = capsys.readouterr().out.replace("\n", "").replace(" ", "")
        assert text("help.what", language).replace(" ", "") in said
    assert main(["/nowhere", "--key", KEY, "--lang", "en"]) == 2
    assert "Not found: /nowhere" in capsys.readouterr().err


def test_the_manual_names_every_option_and_field(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/ja/verify.md is where a program's author looks."""
    manual = (ROOT / "docs" / "ja" / "verify.md").read_text(encoding="utf8")
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert [one for one in sorted(options) if f"`{one}" not in manual] == []
    fields = ["format", "verdict", "exit_code", "facts", "parts", "first_bad", "findings", "counts"]
    fields += [code.removeprefix("fact.") for code in TEXTS if code.startswith("fact.") and code != "fact.line"]
    fields += [part.value for part in Part]
    assert [one for one in fields if f"`{one}`" not in manual] == []


@pytest.mark.processes
def test_memory_does_not_grow_with_what_is_put_there(tmp_path: Path) -> None:
    """A file of 10 GB, a zip bomb and a deep checkpoint leave the process small."""
    folder = write(tmp_path / "log", Log(entries(300)).files)
    for path in ((folder / "tile" / "entries" / "000"), (folder / "tile" / "0" / "000")):
        with path.open("wb") as file:
            file.truncate(10 * 2**30)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (Log(entries(300)).files | {"tile/entries/000": bytes(300_000_000)}).items():
            archive.writestr(name, data)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20,) * 2);"
        "from sekisho_verify.cli import main; sys.exit(main())"
    )
    for log in (folder, bomb):
        command = [sys.executable, "-c", code, str(log), "--key", KEY, "--json"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (run.returncode, run.stderr) == (1, "")
        assert json.loads(run.stdout)["verdict"] == "tampered"
