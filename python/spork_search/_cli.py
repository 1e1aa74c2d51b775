"""The command ``spork``."""

from __future__ import annotations

import signal
import sys

from . import _spork


def main() -> None:
    """Runs the command line, which takes care of its own signals."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_spork.main(["spork", *sys.argv[1:]]))
