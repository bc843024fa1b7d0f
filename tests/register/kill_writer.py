"""Records events through an inbox and merges what is finished into a log, without a pause, until it is killed.

Says the number of each event as soon as it is acknowledged. Without Django: what a kill can break here is files.
"""

import os
import sys
from pathlib import Path

from sekisho.config.processes.lifeline import die_with_parent
from sekisho.register.inbox import Inbox, finished_parts
from sekisho.register.log.files import Disk
from sekisho.register.log.writer import create_log, open_log
from tests.register.test_inbox import document

die_with_parent(os.getppid())
home, seed = Path(sys.argv[1]), bytes(range(32))
files = Disk(home / "register")
log = open_log(files, seed) or create_log(files, seed, "sekisho-register/test")
inbox = Inbox(home / "inbox", "gate-1")
merged = log.head.size  # one source only, so the size is its last number
while True:
    for _event in range(20):
        sys.stdout.write(f"{inbox.append(document())}\n")
        sys.stdout.flush()
    inbox.close()
    inbox = Inbox(home / "inbox", "gate-1")  # finishes what was begun, as idling does
    for part in finished_parts(home / "inbox", "gate-1"):
        fresh = [(number, entry) for number, entry in part.entries if number > merged]
        if fresh:
            log.append([entry for _number, entry in fresh])
            merged = fresh[-1][0]
        part.path.unlink()
