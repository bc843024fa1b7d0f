"""Logs that are what they should be: folder, zip file and address, at every kind of size."""

import gzip
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.sekisho_verify.asking import KEY, Ask
from tests.sekisho_verify.writer import Log, Signer, bundle, canonical, entries, event, leaf, path_of, write

# Around every edge of tiles: none, one, a partial tile, exactly full, one more, two levels, three.
SIZES = (0, 1, 2, 3, 255, 256, 257, 512, 1000, 65_536, 65_793)


@pytest.mark.parametrize("size", SIZES)
def test_intact_beside_a_head_and_cannot_tell_without(size: int, tmp_path: Path, ask: Ask) -> None:
    """The same log is intact beside a head kept elsewhere, and cannot be told without one."""
    log = Log(entries(size))
    folder = write(tmp_path / "log", log.files)
    head = tmp_path / "head"
    head.write_bytes(log.head(size - size // 3))
    answer = ask(folder, "--key", KEY, "--head", head)
    assert (answer.code, answer.verdict) == (0, "intact"), answer.document
    assert answer.facts["entries_checked"] == size
    assert answer.facts["held_size"] == size - size // 3
    without = ask(folder, "--key", KEY)
    assert (without.code, without.verdict, without.codes) == (2, "cannot_tell", ["heads.none"])


def test_a_zip_file_is_a_log_too(tmp_path: Path, ask: Ask) -> None:
    """At its top or in the one folder it holds, stored or deflated."""
    log = Log(entries(700))
    head = tmp_path / "head"
    head.write_bytes(log.head(600))
    for prefix, method in (("", zipfile.ZIP_STORED), ("register/", zipfile.ZIP_DEFLATED)):
        file = tmp_path / f"{method}.zip"
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, data in log.files.items():
                archive.writestr(prefix + name, data)
        assert ask(file, "--key", KEY, "--head", head).verdict == "intact"


def test_a_key_may_come_in_a_file_with_those_before_it(tmp_path: Path, ask: Ask) -> None:
    """A register that changed its key has heads by both."""
    old, new = Signer(seed=bytes([1] * 32)), Signer()
    some = entries(300)
    head = tmp_path / "head"
    head.write_bytes(Log(some[:200], old).checkpoint)
    (tmp_path / "keys").write_text(f"{old.vkey}\n{new.vkey}\n")
    folder = write(tmp_path / "log", Log(some, new).files)
    assert ask(folder, "--key", tmp_path / "keys", "--head", head).verdict == "intact"
    assert ask(folder, "--key", new.vkey, "--head", head).codes == ["head.signature"]


def test_older_partial_tiles_may_stay_and_full_ones_may_stand_in(tmp_path: Path, ask: Ask) -> None:
    """Both are allowed by the specification; a full one shows that the log went on."""
    some = entries(300)
    log, later = Log(some[:280]), Log(some)
    head = tmp_path / "head"
    head.write_bytes(log.head(10))
    files = log.files
    files |= {path_of("entries", 1, 5): bundle(some[256:261]), path_of("0", 1, 5): b"".join(map(leaf, some[256:261]))}
    folder = write(tmp_path / "log", files)
    assert ask(folder, "--key", KEY, "--head", head).verdict == "intact"
    for kind in ("entries", "0"):
        (folder / path_of(kind, 1, 24)).unlink()
        grown = {name: data for name, data in Log(entries(512)).files.items() if name == path_of(kind, 1, 256)}
        write(folder, grown)
    assert later.entries[:280] == log.entries
    answer = ask(folder, "--key", KEY, "--head", head)
    assert (answer.verdict, set(answer.codes)) == ("cannot_tell", {"file.beyond"})
    assert answer.parts["tree"] == "ok"


def test_what_a_clock_did_is_told_and_is_no_tampering(tmp_path: Path, ask: Ask) -> None:
    """Time that went backwards and a long silence are remarks."""
    some = [event(number) for number in range(300)]
    some[100]["recorded_at"] = "2026-11-20T00:00:00.000000Z"
    for one in some[200:]:
        one["recorded_at"] = "2026-11-22T00:00:00.000000Z"
    log = Log([canonical(one) for one in some])
    head = tmp_path / "head"
    head.write_bytes(log.head(1))
    answer = ask(write(tmp_path / "log", log.files), "--key", KEY, "--head", head)
    assert (answer.verdict, answer.codes, answer.facts["backwards"]) == ("intact", ["time.backwards"], 1)
    assert answer.first("time.backwards")["index"] == 100
    assert answer.facts["silence_before"] == 200
    assert answer.facts["longest_silence"] > 23 * 3600


def test_entries_that_were_removed_when_their_time_was_over(tmp_path: Path, ask: Ask) -> None:
    """A pruned log is whole from its minimum index on; less than that is missing."""
    log = Log(entries(70_000))
    head = tmp_path / "head"
    head.write_bytes(log.head(69_500))
    files = log.files
    for number in range(270):
        del files[path_of("entries", number, 256)]
        del files[path_of("0", number, 256)]
    del files[path_of("1", 0, 256)]
    folder = write(tmp_path / "log", files)
    pruned = ask(folder, "--key", KEY, "--head", head, "--minimum-index", 270 * 256)
    assert (pruned.verdict, pruned.facts["entries_checked"]) == ("intact", 70_000 - 270 * 256), pruned.document[
        "findings"
    ]
    assert ask(folder, "--key", KEY, "--head", head).verdict == "tampered"
    assert ask(folder, "--key", KEY, "--head", head, "--minimum-index", 269 * 256).verdict == "tampered"


@contextmanager
def served(files: dict[str, bytes], closed: str = "") -> Iterator[str]:
    """Serve a log on the loopback address, in the ways that servers have; count nothing, log nothing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.removeprefix("/log/")
            data = files.get(path)
            allowed = not closed or not path.startswith(closed) or self.headers.get("Authorization") == "Bearer sesame"
            self.send_response(403 if not allowed else 404 if data is None else 200)
            body = data if allowed and data is not None else b"no"
            if path.startswith("tile/0"):
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            if path.endswith("000"):
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/log"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_address_is_a_log_too(tmp_path: Path, ask: Ask) -> None:
    """Compressed or not, over connections that end in between; what may be opened with a word only is opened."""
    log = Log(entries(600))
    head = tmp_path / "head"
    head.write_bytes(log.head(600))
    word = tmp_path / "word"
    word.write_text("Bearer sesame\n")
    with served(log.files) as address:
        answer = ask(address, "--key", KEY, "--head", head)
        assert (answer.verdict, answer.codes) == ("intact", ["listing.none"])
    with served(log.files, closed="tile/entries") as address:
        answer = ask(address, "--key", KEY, "--head", head)
        assert (answer.verdict, answer.parts["tree"]) == ("cannot_tell", "ok")
        assert answer.codes == ["listing.none", "entries.closed"]
        opened = ask(address, "--key", KEY, "--head", head, "--authorization-file", word)
        assert opened.verdict == "intact"


def test_hashes_alone_prove_no_form(tmp_path: Path, ask: Ask) -> None:
    """The fast look says what it left out."""
    log = Log(entries(300))
    head = tmp_path / "head"
    head.write_bytes(log.checkpoint)
    answer = ask(write(tmp_path / "log", log.files), "--key", KEY, "--head", head, "--hashes-only")
    assert (answer.verdict, answer.codes) == ("cannot_tell", ["entries.left_out"])
