"""Runs of `spork`, with their wall time and peak resident memory."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

LENGTH = 256


class Mode(NamedTuple):
    """A way to encode: the program, and what it is told."""

    name: str
    program: Path
    precision: str
    backend: str | None = None
    level: str | None = None

    def with_level(self, level):
        """The same under a cap on vector instructions."""
        return self._replace(name=f"{self.name}-{level}", level=level)


class Run(NamedTuple):
    """What a process took."""

    seconds: float
    mebibytes: float


def run(command, level=None, cores=None):
    """Runs a command to its end, on these cores only. What it says is shown if it fails."""
    environment = dict(os.environ)
    environment.pop("SPORK_MAX_SIMD", None)
    if level:
        environment["SPORK_MAX_SIMD"] = level
    if cores:
        command = ["taskset", "--cpu-list", ",".join(map(str, cores)), *command]
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"encode: {' '.join(command)}\n{said.read().decode(errors='replace')}")
    return Run(seconds, usage.ru_maxrss / 1024)


def encode(mode, model, texts, output, cores=None, more=()):
    """Encodes texts in one mode."""
    command = [mode.program, "encode", "--force", "--quiet", "--model", model, "--device", "cpu"]
    command += ["--precision", mode.precision, "--max-length", LENGTH]
    if mode.backend:
        command += ["--backend", mode.backend]
    return run([*command, "--input", texts, "--output", output, *more], mode.level, cores)


def spread(figures):
    """The median of some figures and, as noise, their range as a share of it, if there are two."""
    middle = median(figures)
    if len(figures) == 1:
        return {"median": middle}
    return {"median": middle, "noise": (max(figures) - min(figures)) / middle}


def milliseconds_each(encode_file, few, many, folder):
    """Milliseconds a text without the program's start: the difference of two runs. `few` and `many`
    are lists of lines.
    """
    seconds = []
    for lines in (few, many):
        texts = folder / "each.tsv"
        texts.write_text("".join(f"{i}\t{line}\n" for i, line in enumerate(lines)))
        seconds.append(encode_file(texts).seconds)
    return (seconds[1] - seconds[0]) / (len(many) - len(few)) * 1e3
