"""Programs, and the memory that they take."""

import os
import subprocess


def run_for_memory(*command) -> tuple[str, int]:
    """What a program prints, and the most bytes of memory that it held."""
    command = [str(part) for part in command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return said, used.ru_maxrss * 1024
