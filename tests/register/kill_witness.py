"""A witness that dies where it is told to: ``kill_witness.py STEP KEYFILE STATE LOGKEY``.

STEP ``persisted`` dies by SIGKILL after the new head is durable and before anything is answered; ``draft`` before the
draft gets its name; ``never`` lives on.
"""

import os
import signal
import sys
from pathlib import Path

from sekisho.register.log.files import Disk
from sekisho.register.log.witness_server import WitnessServer, open_witness
from sekisho.trust.cosignatures import LOG_KEY, read_key, read_seed


class DyingDisk(Disk):
    """Kills its own process at a step, where a file ``armed`` lies beside the state."""

    def __init__(self, root: Path, step: str) -> None:
        super().__init__(root)
        self._step = step
        self._syncs = 0

    def rename(self, old: str, new: str) -> None:
        """Rename, or die."""
        self._die("draft")
        super().rename(old, new)

    def sync_folder(self, folder: str) -> None:
        """Sync; the second one of a head makes it durable."""
        super().sync_folder(folder)
        self._syncs += 1
        if self._syncs % 2 == 0:
            self._die("persisted")

    def _die(self, step: str) -> None:
        if self._step == step and (self.root / "armed").exists():
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve on a free port, which is printed."""
    step, key_file, state, log_key = sys.argv[1:]
    name, seed = read_seed(Path(key_file).read_text(encoding="ascii").strip())
    folder = Path(state)
    witness = open_witness(folder, name, seed, [read_key(log_key, LOG_KEY)], DyingDisk(folder, step))
    with WitnessServer(("127.0.0.1", 0), witness) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}/add-checkpoint\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
