"""``sekisho-verify``: reads the command line, asks one question, prints the answer, ends with its exit code."""

import argparse
import io
import locale
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from sekisho_verify import __version__
from sekisho_verify.check import Question, check_log
from sekisho_verify.errors import CannotCheck, Malformed
from sekisho_verify.heads import Head, keys_of_log, read_checkpoint
from sekisho_verify.notes import MOST_NOTE_BYTES, Key, parse_key
from sekisho_verify.output import as_json, as_text, error_as_json, error_as_text
from sekisho_verify.policy import MOST_POLICY_BYTES, Policy, parse_policy
from sekisho_verify.proofs import MOST_PROOF_BYTES, check_proof, make_proof, parse_proof
from sekisho_verify.report import Report, Verdict
from sekisho_verify.sources.opening import open_source, read_file
from sekisho_verify.sources.web import Access
from sekisho_verify.texts import LANGUAGES, text
from sekisho_verify.tiles import MOST_ENTRY_BYTES, Tiles
from sekisho_verify.tokens import MOST_TOKEN_BYTES, Token, read_roots

MOST_KEY_BYTES = 64 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run once; return the exit code: 0 intact, 1 tampered, 2 cannot tell (or wrong usage)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(words)
    chosen = _parser(language).parse_args(words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files may be no text at all
    try:
        report, said = _answered(chosen, language)
    except CannotCheck as error:
        sys.stderr.write("" if chosen.json else error_as_text(error, language))
        sys.stdout.write(error_as_json(error, language) if chosen.json else "")
        return Verdict.CANNOT_TELL.exit_code
    if report is None:
        sys.stdout.write(said)
        return 0
    sys.stdout.write(as_json(report, language) if chosen.json else as_text(report, language))
    return report.verdict.exit_code


def _answered(chosen: argparse.Namespace, language: str) -> tuple[Report | None, str]:
    """Answer; a fault of this program is "cannot tell", where Python would end with the exit code of "tampered"."""
    try:
        return _answer(chosen, language)
    except CannotCheck:
        raise
    except Exception as error:
        raise CannotCheck("program.fault", reason=repr(error)) from error


def _answer(chosen: argparse.Namespace, language: str) -> tuple[Report | None, str]:
    if chosen.proof:
        return _proof(chosen), ""
    if chosen.prove is not None:
        return None, _prove(chosen, language)
    policy = _policy(chosen)
    question = Question(
        keys_of_log(_keys(chosen), policy),
        policy,
        [Head(str(path), read_file(path, MOST_NOTE_BYTES)) for path in chosen.head],
        [Token(str(path), read_file(path, MOST_TOKEN_BYTES)) for path in chosen.token],
        [one for path in chosen.tsa_root for one in _roots(path)],
        chosen.minimum_index,
        with_form=not chosen.hashes_only,
    )
    source = open_source(chosen.log, _access(chosen))
    try:
        return check_log(source, question), ""
    finally:
        source.close()


def _proof(chosen: argparse.Namespace) -> Report:
    try:
        proof = parse_proof(read_file(chosen.proof, MOST_PROOF_BYTES))
    except Malformed as malformed:
        raise CannotCheck(malformed.code, path=str(chosen.proof)) from malformed
    entry = read_file(chosen.entry, MOST_ENTRY_BYTES) if chosen.entry else None
    policy = _policy(chosen)
    report = Report()
    shown = check_proof(proof, entry, keys_of_log(_keys(chosen), policy), policy, report)
    if shown is not None:
        report.facts["entry"] = shown.decode("utf8", "backslashreplace")
    return report


def _prove(chosen: argparse.Namespace, language: str) -> str:
    if chosen.out.exists():
        raise CannotCheck("proof.exists", path=str(chosen.out))
    source = open_source(chosen.log, _access(chosen))
    try:
        head = read_checkpoint(source)
        proof = make_proof(Tiles(source, head.size), head, chosen.prove)
    finally:
        source.close()
    try:
        with chosen.out.open("xb") as file:
            file.write(proof.text())
    except OSError as error:
        raise CannotCheck("source.unreadable", path=str(chosen.out), reason=str(error)) from error
    return text("proof.made", language, {"path": str(chosen.out)}) + "\n"


def _keys(chosen: argparse.Namespace) -> list[Key]:
    try:
        return [parse_key(line) for given in chosen.key for line in _key_lines(given)]
    except Malformed as malformed:
        raise CannotCheck(malformed.code) from malformed


def _key_lines(given: str) -> list[str]:
    """Return the keys in a file of that name, one a line; a word that names no file is the key itself."""
    if "+" in given and not Path(given).is_file():
        return [given]
    lines = read_file(Path(given), MOST_KEY_BYTES).decode("utf8", "replace").splitlines()
    return [line for line in lines if line.strip()]


def _policy(chosen: argparse.Namespace) -> Policy | None:
    if not chosen.policy:
        return None
    try:
        return parse_policy(read_file(chosen.policy, MOST_POLICY_BYTES))
    except Malformed as malformed:
        raise CannotCheck(malformed.code, path=str(chosen.policy)) from malformed


def _roots(path: Path) -> list[x509.Certificate]:
    return read_roots(read_file(path, MOST_TOKEN_BYTES), str(path))


def _access(chosen: argparse.Namespace) -> Access:
    word = (
        read_file(chosen.authorization_file, MOST_KEY_BYTES).decode("latin1").strip()
        if chosen.authorization_file
        else None
    )
    return Access(chosen.ca, word)


def _language(words: Sequence[str]) -> str:
    """Return the language asked for, before anything else is read: help and errors are in it too."""
    for at, word in enumerate(words):
        asked = word.removeprefix("--lang=") if word.startswith("--lang=") else "".join(words[at + 1 : at + 2])
        if word.startswith("--lang") and asked in LANGUAGES:
            return asked
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or (locale.getlocale()[0] or "")
    return "en" if spoken.lower().startswith("en") else "ja"


def _parser(language: str) -> argparse.ArgumentParser:
    def said(code: str) -> str:
        return text(f"help.{code}", language)

    parser = _Parser(prog="sekisho-verify", description=said("what"))
    parser.add_argument("log", nargs="?", metavar="DIR|ZIP|URL", help=said("log"))
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help=said("key"))
    parser.add_argument("--policy", type=Path, metavar="FILE", help=said("policy"))
    parser.add_argument("--head", type=Path, action="append", default=[], metavar="FILE", help=said("head"))
    parser.add_argument("--token", type=Path, action="append", default=[], metavar="FILE", help=said("token"))
    parser.add_argument("--tsa-root", type=Path, action="append", default=[], metavar="FILE", help=said("tsa_root"))
    parser.add_argument("--minimum-index", type=_index, default=0, metavar="N", help=said("minimum"))
    parser.add_argument("--hashes-only", action="store_true", help=said("hashes_only"))
    parser.add_argument("--proof", type=Path, metavar="FILE", help=said("proof"))
    parser.add_argument("--entry", type=Path, metavar="FILE", help=said("entry"))
    parser.add_argument("--prove", type=_index, metavar="INDEX", help=said("prove"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=said("out"))
    parser.add_argument("--ca", type=Path, metavar="FILE", help=said("ca"))
    parser.add_argument("--authorization-file", type=Path, metavar="FILE", help=said("authorization"))
    parser.add_argument("--json", action="store_true", help=said("json"))
    parser.add_argument("--lang", choices=LANGUAGES, help=said("lang"))
    parser.add_argument("--version", action="version", version=f"sekisho-verify {__version__}")
    parser.complaints = {"one": said("one"), "both": said("both")}
    return parser


def _index(word: str) -> int:
    if not word.isascii() or not word.isdigit():
        raise argparse.ArgumentTypeError(word)
    return int(word)


class _Parser(argparse.ArgumentParser):
    """Knows which options go together."""

    complaints: dict[str, str] = {}

    def parse_args(self, args: Sequence[str] | None = None, namespace: None = None) -> argparse.Namespace:  # type: ignore[override]
        """Return what was chosen, or end with exit code 2."""
        chosen = super().parse_args(args, namespace)
        if bool(chosen.log) == bool(chosen.proof):
            self.error(self.complaints["one"])
        if (chosen.prove is None) != (chosen.out is None):
            self.error(self.complaints["both"])
        return chosen
