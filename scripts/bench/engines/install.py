"""Puts peers into a virtual environment of their own, by name, from the registry that pip is set up
for.
"""

import shutil
import subprocess
import sys
from pathlib import Path

COMMON = ["numpy==2.4.6", "scipy==1.17.1"]
REQUIREMENTS = {
    "numba": ["numba==0.68.1"],
    "pisa": ["tbb==2020.3.254"],  # holds the library that the extension was linked with
    "bmp": ["bmp==0.2.8"],
    "seismic": ["pyseismic-lsr==0.5.4"],
    "seismic-long": ["pyseismic-lsr==0.5.4"],
    "splade-index": ["numba==0.68.1", "tqdm==4.70.1"],
    "sindi": ["pyvsag==0.18.5"],
    "sindi-pruned": ["pyvsag==0.18.5"],
    "kannolo": ["kannolo==0.15.1"],
}
# Packages whose own requirements are not needed.
ALONE = {
    "pisa": ["pyterrier-pisa==0.4.9"],
    "splade-index": ["splade-index==0.2.0"],
    # Holds Lucene's jars, and a Java that has their module of vector instructions.
    "lucene": ["arcadedb-embedded==26.10.2.post1"],
}


class Missing(Exception):
    """Why a peer can't be measured."""


def requirements(peer: str) -> list[str]:
    """All that a peer is made of, with versions."""
    return [*REQUIREMENTS.get(peer, []), *ALONE.get(peer, [])]


class Environment:
    def __init__(self, root: Path):
        self.root = root.resolve()
        self.python = self.root / "venv/bin/python"
        self.library = self.root / "venv/lib"

    def create(self) -> None:
        if not self.python.exists():
            run([sys.executable, "-m", "venv", str(self.root / "venv")])
        self.pip("install", *COMMON)

    def pip(self, *arguments: str) -> None:
        command = [
            str(self.python),
            "-m",
            "pip",
            *arguments,
            "--quiet",
            "--disable-pip-version-check",
        ]
        run(command)

    def install(self, peer: str) -> None:
        """Raises Missing with what pip said."""
        self.create()
        if peer in REQUIREMENTS:
            self.pip("install", *REQUIREMENTS[peer])
        if peer in ALONE:
            self.pip("install", "--no-deps", *ALONE[peer])
        if peer == "lucene" and shutil.which("javac") is None:
            raise Missing("there is no javac; install a JDK")


def run(command: list[str], environment: dict | None = None, limit: float | None = None) -> None:
    """Runs a command; raises Missing with the last line of its complaint if it fails."""
    try:
        done = subprocess.run(
            command, env=environment, timeout=limit, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"took more than {limit:.0f} s") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines
        raise Missing(errors[-1].strip() if errors else f"ended with code {done.returncode}")
