"""Each kind of tampering once, on a million realistic events: what ``sekisho-verify`` names.

By hand, not in ``make bench``.

``python -m benchmarks.tampering [EVENTS]`` prints the intact check with its time and memory, then the table.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify import EVENTS, make
from sekisho_verify.merkle import HASH_BYTES, fold, leaf_hashes, peaks_of, perfect_root
from sekisho_verify.tiles import split_bundle
from tests.sekisho_verify.writer import ORIGIN, Signer, bundle, path_of

WIDTH = 256


@dataclass(frozen=True)
class Copy:
    """A copy of a log, whose files are shared with it until one is written."""

    folder: Path
    size: int

    @property
    def middle(self) -> int:
        """The number of the bundle that is changed."""
        return self.size // 2 // WIDTH

    def get(self, path: str) -> bytes:
        """Return a file."""
        return (self.folder / path).read_bytes()

    def put(self, path: str, data: bytes) -> None:
        """Write a file of this copy alone."""
        (self.folder / path).unlink()
        (self.folder / path).write_bytes(data)

    def width(self, level: int, number: int) -> int:
        """Return how many hashes a tile holds."""
        return min(WIDTH, (self.size >> 8 * level) - number * WIDTH)

    def edit(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Change entries of the middle bundle."""
        path = path_of("entries", self.middle, WIDTH)
        self.put(path, bundle(change(split_bundle(self.get(path)))))

    def rewrite(self) -> None:
        """Change one entry, make every hash above it anew and sign, as the holder of the key can."""
        self.edit(lambda some: [some[0].replace(b'"success"', b'"failure"'), *some[1:]])
        number, level = self.middle, 0
        hashes = leaf_hashes(split_bundle(self.get(path_of("entries", number, WIDTH))))
        while True:
            self.put(path_of(str(level), number, len(hashes) // HASH_BYTES), hashes)
            if len(hashes) < WIDTH * HASH_BYTES:
                break
            root, at = perfect_root(hashes), number % WIDTH * HASH_BYTES
            level, number = level + 1, number // WIDTH
            hashes = self.get(path_of(str(level), number, self.width(level, number)))
            hashes = hashes[:at] + root + hashes[at + HASH_BYTES :]
        self.sign()

    def sign(self) -> None:
        """Sign a checkpoint over the hashes as they are."""
        counts = [(level, self.size >> 8 * level) for level in range(7, -1, -1)]
        edge = [self.get(path_of(str(level), at // WIDTH, at % WIDTH)) for level, at in counts if at % WIDTH]
        root = base64.b64encode(fold([peak for hashes in edge for peak in peaks_of(hashes)])).decode()
        text = f"{ORIGIN}\n{self.size}\n{root}\n".encode()
        self.put("checkpoint", text + b"\n" + Signer().line(text))

    def truncate(self) -> None:
        """Remove what came last and leave the checkpoint."""
        for path in (self.folder / "tile" / "entries").rglob("*"):
            if path.is_file() and path.parent.suffix == ".p":
                path.unlink()


def _flip(entry: bytes) -> bytes:
    return entry[:100] + bytes([entry[100] ^ 1]) + entry[101:]


KINDS: dict[str, Callable[[Copy], None]] = {
    "a byte flipped": lambda log: log.edit(lambda some: [*some[:7], _flip(some[7]), *some[8:]]),
    "two entries swapped": lambda log: log.edit(lambda some: [*some[:7], some[8], some[7], *some[9:]]),
    "an entry inserted": lambda log: log.edit(lambda some: [*some[:7], _flip(some[7]), *some[7:]]),
    "an entry dropped": lambda log: log.edit(lambda some: [*some[:7], *some[8:]]),
    "an entry twice": lambda log: log.edit(lambda some: [*some[:8], *some[7:]]),
    "the last bundle removed": Copy.truncate,
    "rewritten and signed anew": Copy.rewrite,
}


def check(folder: Path, *words: object) -> tuple[dict[str, object], str]:
    """Return the answer, and what it took."""
    command = [sys.executable, "-m", "sekisho_verify", str(folder), "--key", Signer().vkey, "--json", "--lang", "en"]
    process = subprocess.Popen([*command, *map(str, words)], stdout=subprocess.PIPE, text=True)
    answer = json.loads(process.stdout.read() if process.stdout else "")
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return answer, f"{used.ru_utime + used.ru_stime:.1f} s of CPU, {used.ru_maxrss / 1024:.0f} MB"


def tell(kind: str, folder: Path, *words: object) -> None:
    """Print one row."""
    answer, took = check(folder, *words)
    first = answer["first_bad"] or next((one for one in answer["findings"] if one["level"] == "unknown"), None)  # type: ignore[attr-defined]
    text = first["text"] if first else ""  # type: ignore[index]
    print(f"| {kind} | {answer['verdict']}, exit {answer['exit_code']} | {text} | {took} |", flush=True)


def main() -> None:
    """Make the log, check it, then each kind of tampering on a copy."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory(prefix="sekisho-tampering-") as place:
        folder, head = Path(place) / "log", Path(place) / "head"
        make(folder, head, size)
        print(f"| {size} events, load {os.getloadavg()[0]:.1f} | answer | what is named | cost |\n|---|---|---|---|")
        tell("untouched", folder, "--head", head)
        tell("untouched, no head given", folder)
        for kind, tamper in KINDS.items():
            log = Copy(Path(place) / "copy", size)
            shutil.copytree(folder, log.folder, copy_function=os.link)
            tamper(log)
            tell(kind, log.folder, "--head", head)
            if tamper is Copy.rewrite:
                tell(f"{kind}, no head given", log.folder)
            shutil.rmtree(log.folder)
        older = Path(place) / "older"
        make(older, Path(place) / "unused", size * 2 // 3)
        tell("the whole folder as it was earlier", older, "--head", folder / "checkpoint")
        tell("the whole folder as it was earlier, no head given", older)


if __name__ == "__main__":
    main()
