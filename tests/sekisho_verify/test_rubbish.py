"""What is no log, or no longer one: a clear answer, soon, in little memory."""

import os
import socket
import struct
import tempfile
import threading
import zipfile
from pathlib import Path

import pytest

from sekisho_verify.cli import main
from sekisho_verify.sources import web
from tests.sekisho_verify.asking import KEY, Ask
from tests.sekisho_verify.writer import Log, Signer, entries, path_of, write

LOG = Log(entries(600))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good log."""
    return write(tmp_path / "log", LOG.files)


def test_what_is_no_log(tmp_path: Path, ask: Ask) -> None:
    """Nothing there, an empty folder, a folder of other things, a file that is no zip."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("a letter")
    write(tmp_path / "other", {"checkpoint": b"a letter\n"})
    for name, code in (("nothing", "source.missing"), ("empty", "log.none"), ("text", "zip.unreadable"),
                       ("other", "note.form")):  # fmt: skip
        answer = ask(tmp_path / name, "--key", KEY)
        assert (answer.code, answer.codes) == (2, [code])


def test_another_log_and_another_key(tmp_path: Path, ask: Ask, folder: Path) -> None:
    """Of another register nothing can be told; under the same name another key is an alarm."""
    other = write(tmp_path / "other", Log(LOG.entries, Signer("elsewhere.example"), origin="elsewhere.example").files)
    answer = ask(other, "--key", KEY)
    assert (answer.code, answer.codes) == (2, ["signature.other", "heads.none"])
    answer = ask(folder, "--key", Signer(seed=bytes([9] * 32)).vkey)
    assert (answer.code, answer.document["first_bad"]["code"]) == (1, "signature.none")
    borrowed = write(tmp_path / "borrowed", Log(LOG.entries, origin="elsewhere.example").files)
    assert ask(borrowed, "--key", KEY).codes == ["signature.origin", "heads.none"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "head.form"),
        (b"not a head\n", "head.form"),
        (Log(LOG.entries[:9], Signer("elsewhere.example"), origin="elsewhere.example").checkpoint, "head.other"),
        (Log(LOG.entries[:9], Signer(seed=bytes([9] * 32))).checkpoint, "head.signature"),
        (Log(LOG.entries[:9]).text + b"\n" + Signer().line(b"other\n"), "head.signature"),
    ],
)
def test_a_head_that_proves_nothing(data: bytes, code: str, tmp_path: Path, ask: Ask, folder: Path) -> None:
    """Nobody can make a log look bad, or good, with a head that the log never signed."""
    (tmp_path / "head").write_bytes(data)
    answer = ask(folder, "--key", KEY, "--head", tmp_path / "head")
    assert (answer.verdict, answer.codes) == ("cannot_tell", [code])


@pytest.mark.parametrize("size", [601, 10**6, 10**12, 2**62, 2**63 - 1])
def test_a_checkpoint_of_a_huge_log(size: int, folder: Path, ask: Ask) -> None:
    """Signed with the right key, and still answered at once."""
    text = LOG.text.replace(b"\n600\n", f"\n{size}\n".encode())
    (folder / "checkpoint").write_bytes(text + b"\n" + Signer().line(text))
    answer = ask(folder, "--key", KEY)
    assert answer.verdict == "tampered"
    assert len(answer.document["findings"]) < 40


@pytest.mark.parametrize("name", ["checkpoint", path_of("0", 1, 256), path_of("entries", 0, 256)])
def test_what_lies_where_a_file_should(name: str, folder: Path, tmp_path: Path, ask: Ask) -> None:
    """Pipes, links, folders, sockets and endless files are not opened, or not read."""
    target = folder / name
    old = tmp_path / "old"
    target.rename(old)

    def sparse() -> None:
        with target.open("wb") as file:
            file.truncate(10 * 2**30)

    def listening() -> None:
        short = Path(tempfile.gettempdir()) / f"sv-{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(short))
        short.rename(target)

    def pipe() -> None:
        os.mkfifo(target)

    def link() -> None:
        target.symlink_to(old)

    for put in (pipe, link, target.mkdir, sparse, listening):
        put()
        answer = ask(folder, "--key", KEY)
        assert answer.verdict == ("cannot_tell" if name == "checkpoint" else "tampered")
        assert {"file.kind", "file.long"} & set(answer.codes)
        target.rmdir() if target.is_dir() else target.unlink()


def test_a_linked_folder_is_not_entered(folder: Path, tmp_path: Path, ask: Ask) -> None:
    """Even where it holds the right tiles."""
    (folder / "tile" / "0").rename(tmp_path / "tiles")
    (folder / "tile" / "0").symlink_to(tmp_path / "tiles")
    answer = ask(folder, "--key", KEY)
    assert (answer.verdict, answer.document["first_bad"]["code"]) == ("tampered", "file.link")


def test_what_else_lies_there(folder: Path, ask: Ask) -> None:
    """Beside the log it is left alone; among the tiles it keeps the answer open."""
    write(folder, {"spool/gate-1": b"x", "notes.txt": b"x"})
    assert ask(folder, "--key", KEY, "--head", folder / "checkpoint").verdict == "intact"
    write(folder, {"tile/0/000.tmp": b"x"})
    answer = ask(folder, "--key", KEY, "--head", folder / "checkpoint")
    assert (answer.verdict, "file.foreign" in answer.codes) == ("cannot_tell", True)


def zipped(path: Path, members: dict[str, bytes], **about: int) -> Path:
    """Write a zip file; ``about`` goes into every member's description."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for field, value in about.items():
                setattr(member, field, value)
            archive.writestr(member, data)
    return path


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "tile/../../evil", "c:evil", "tile\\evil"])
def test_names_that_leave_the_zip(name: str, tmp_path: Path, ask: Ask) -> None:
    """Nothing is unpacked; such a file is not trusted all the same."""
    path = zipped(tmp_path / "log.zip", {**LOG.files, name: b"x"})
    answer = ask(path, "--key", KEY)
    assert (answer.verdict, answer.document["first_bad"]["code"]) == ("tampered", "zip.path")


def test_zip_files_that_are_bombs_or_broken(tmp_path: Path, ask: Ask) -> None:
    """Inflated beyond what a tile may be, cut off, damaged, links in it, a list that fills the memory."""
    bomb = zipped(tmp_path / "bomb.zip", LOG.files | {path_of("entries", 0, 256): b"\0" * 50_000_000})
    assert ask(bomb, "--key", KEY).document["first_bad"]["code"] == "file.long"
    whole = zipped(tmp_path / "whole.zip", LOG.files).read_bytes()
    for end in (0, 1, 30, len(whole) // 2, len(whole) - 1, len(whole) - 21):
        (tmp_path / "cut.zip").write_bytes(whole[:end])
        assert ask(tmp_path / "cut.zip", "--key", KEY).codes == ["zip.unreadable"]
    links = zipped(tmp_path / "links.zip", LOG.files, external_attr=0o120777 << 16)
    assert ask(links, "--key", KEY).code == 2
    damaged = bytearray(whole)
    at = whole.index(b"tile/0/000") + 40
    damaged[at : at + 4] = bytes(byte ^ 255 for byte in damaged[at : at + 4])
    (tmp_path / "damaged.zip").write_bytes(damaged)
    assert ask(tmp_path / "damaged.zip", "--key", KEY).verdict == "tampered"
    listed = bytearray(whole)
    listed[-10:-6] = struct.pack("<L", 500_000_000)
    (tmp_path / "listed.zip").write_bytes(listed)
    assert ask(tmp_path / "listed.zip", "--key", KEY).codes == ["zip.members"]


def test_a_name_twice_in_a_zip(tmp_path: Path, ask: Ask) -> None:
    """Two readers might see two logs."""
    path = zipped(tmp_path / "log.zip", LOG.files)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("checkpoint", Log(LOG.entries[:3]).checkpoint)
    assert ask(path, "--key", KEY).codes == ["zip.twice"]


@pytest.mark.parametrize(
    "address",
    ["http://example.com/log", "ftp://example.com/log", "https://", "https://a:b@example.com/log", "file:///"],
)
def test_addresses_that_are_not_asked(address: str, ask: Ask) -> None:
    """Only HTTPS; no passwords in addresses."""
    assert ask(address, "--key", KEY).codes == ["url.form"]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    ],
    ids=range(9),
)
def test_servers_that_misbehave(said: bytes, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent, cut off, endless, lying or redirecting: an answer after bounded time."""
    monkeypatch.setattr(web, "SECONDS_SILENT", 0.3)
    ended = threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                try:
                    connection.sendall(said)
                    ended.wait(0.5)
                except OSError:
                    pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        answer = ask(f"http://127.0.0.1:{server.getsockname()[1]}/log", "--key", KEY)
        ended.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert answer.code == 2
    assert answer.codes[0] in ("source.unreadable", "url.status", "url.closed", "file.long")


@pytest.mark.parametrize("key", ["", "x", "a+b+c", KEY[:-1], KEY.replace("register", "registry"), Signer(kind=4).vkey])
def test_keys_that_are_none(key: str, folder: Path, ask: Ask) -> None:
    """A slip in copying is no other log."""
    assert ask(folder, "--key", key).code == 2


def test_nothing_to_compare_with(folder: Path, ask: Ask) -> None:
    """Without any key there is nothing to say."""
    assert ask(folder).codes == ["key.none"]


def test_usage_is_told_with_exit_code_2(folder: Path, ask: Ask) -> None:
    """A wrong option never looks like an answer."""
    for words in ([], [folder, "--proof", "x"], [folder, "--prove", "1"], [folder, "--prove", "-1", "--out", "x"]):
        with pytest.raises(SystemExit) as ended:
            ask(*words)
        assert ended.value.code == 2


def test_names_that_are_no_text(folder: Path, ask: Ask) -> None:
    """They are shown as escapes."""
    Path(os.fsdecode(os.fsencode(folder) + b"/tile/0/\xff\x1b")).write_bytes(b"")
    answer = ask(folder, "--key", KEY, "--head", folder / "checkpoint")
    assert (answer.verdict, answer.codes) == ("cannot_tell", ["file.foreign"])
    assert main([str(folder), "--key", KEY]) == 2


def test_a_fault_of_the_program_is_not_called_tampering(
    folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python itself would end with 1."""

    def fail(*_words: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr("sekisho_verify.cli.check_log", fail)
    answer = ask(folder, "--key", KEY)
    assert (answer.code, answer.codes) == (2, ["program.fault"])
