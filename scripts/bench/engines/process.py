"""Programs, and the memory that they take."""

import subprocess
import tempfile
from pathlib import Path


def run_for_memory(*command) -> tuple[str, int]:
    """What a program prints, and the most bytes of memory that it held, by GNU time. The system's
    own count of a child begins with what its parent holds.
    """
    with tempfile.NamedTemporaryFile() as file:
        timed = ["env", "time", "--format", "%M", "--output", file.name, *map(str, command)]
        done = subprocess.run(timed, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout, int(Path(file.name).read_text()) * 1024
