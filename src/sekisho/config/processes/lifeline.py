"""Ties a process to its parent, so that nothing of an instance outlives its supervisor, even after kill -9."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when process ``parent``, which started it, ends in whatever way.

    Called early by the process itself; survives exec. Linux only: elsewhere what is left over goes on
    holding the instance lock, so the next start refuses to work beside it.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        if library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have ended before the kernel was asked.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
