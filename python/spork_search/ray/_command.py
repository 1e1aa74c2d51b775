"""The command ``spork`` as a process that dies with the one that started it.

A node that is lost takes its workers with it, and what they started must not go on: another node
makes the same file meanwhile.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

from .. import _model
from .._errors import SporkError

#: The module of the process.
_CHILD = f"{__package__}._child"
#: What the engine says of a file that another process is at.
_BUSY = re.compile("another process is (writing|downloading)")
#: Seconds that a process that was left behind may take to be gone.
PATIENCE = 120.0


class Killed(SporkError):
    """A process that a signal ended: too little memory, perhaps. It is started again."""


def run(arguments: list[str], threads: int) -> str:
    """Runs ``spork`` with so many threads, and returns what it said.

    Raises:
        SporkError: it failed; with what it said.
        Killed: a signal ended it.
    """
    arguments = _with_model(arguments)
    give_up = time.monotonic() + PATIENCE
    while True:
        done = subprocess.run(
            [sys.executable, "-m", _CHILD, str(os.getpid()), *arguments],
            env={**os.environ, "RAYON_NUM_THREADS": str(max(1, threads))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        said = done.stderr.decode(errors="replace")
        if done.returncode == 0:
            return said
        if done.returncode < 0:
            raise Killed(f"spork {' '.join(arguments)}: ended by signal {-done.returncode}")
        if _BUSY.search(said) is None or time.monotonic() > give_up:
            tail = "\n".join(said.splitlines()[-20:])
            raise SporkError(f"spork {' '.join(arguments)}: status {done.returncode}\n{tail}")
        # A lost node's process holds the file for a moment.
        time.sleep(1.0)


def _with_model(arguments: list[str]) -> list[str]:
    """The arguments with the default model where this node has it."""
    pairs = zip(["", *arguments], arguments, strict=False)
    return [_model.resolve(each) if before == "--model" else each for before, each in pairs]
