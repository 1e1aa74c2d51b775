"""Runs spork for scripts that measure."""

import os
import subprocess
import sys
from pathlib import Path

#: The program, which the environment may name.
SPORK = Path(
    os.environ.get("SPORK", Path(__file__).resolve().parents[2] / "target/release/spork")
).resolve()


def spork(command, *arguments):
    """What a command of spork writes to its standard output; where it fails, this program ends with
    the message of spork above its own.
    """
    words = [str(SPORK), "--quiet", command, *map(str, arguments)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{Path(sys.argv[0]).name}: failed: {' '.join(words)}")
    return done.stdout
