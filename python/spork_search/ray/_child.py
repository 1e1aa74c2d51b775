"""The process that ``_command`` starts: ``python -m spork_search.ray._child PARENT ARGUMENT…``."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from .. import _spork

#: prctl's number of "send a signal when the parent dies", on Linux.
_PARENT_DEATH_SIGNAL = 1


def _die_with(parent: int) -> None:
    """Has the system end this process when its parent ends."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        # It has ended already.
        os._exit(1)


if __name__ == "__main__":
    _die_with(int(sys.argv[1]))
    sys.exit(_spork.main(["spork", *sys.argv[2:]]))
