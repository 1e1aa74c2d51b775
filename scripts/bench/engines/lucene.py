"""Lucene with its vector instructions, from the jars and the Java that arcadedb-embedded's wheel
holds.
"""

import importlib.util
import subprocess
import zipfile
from pathlib import Path

from .peer import Peer
from .process import run_for_memory

SOURCE = Path(__file__).with_name("LuceneSearch.java")
HEAP = "-Xmx4g"
#: The class files that the JDK here can read: those of Java 17.
READABLE = 61
VERSION = slice(6, 8)


def found(pattern: str) -> Path:
    """A file of the package; importing the package would start Java."""
    package = importlib.util.find_spec("arcadedb_embedded")
    folder = Path(package.submodule_search_locations[0])
    return next(folder.rglob(pattern))


def readable(jar: Path, folder: Path) -> Path:
    """A copy of a jar to compile against. A compiler refuses class files of a newer Java by their
    version alone; what runs is the jar itself.
    """
    copy = folder / jar.name
    with zipfile.ZipFile(jar) as whole, zipfile.ZipFile(copy, "w") as lowered:
        for name in whole.namelist():
            if name.endswith(".class") and not name.startswith("META-INF/"):
                content = bytearray(whole.read(name))
                content[VERSION] = READABLE.to_bytes(2, "big")
                lowered.writestr(name, bytes(content))
    return copy


class Lucene(Peer):
    def version(self):
        return self.java("version").strip()

    def java(self, *arguments) -> str:
        path = f"{found('lucene-core-*.jar')}:{self.classes}"
        options = [HEAP, "-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector"]
        said, memory = run_for_memory(
            found("bin/java"), *options, "-cp", path, "LuceneSearch", *arguments
        )
        self.memory_elsewhere = max(self.memory_elsewhere, memory)
        return said

    def compile(self, folder: Path):
        self.classes = folder / "classes"
        self.classes.mkdir(exist_ok=True)
        jar = readable(found("lucene-core-*.jar"), folder)
        compiler = ["javac", "-nowarn", "--release", "17", "-cp", jar, "-d", self.classes, SOURCE]
        subprocess.run([str(part) for part in compiler], check=True)
        jar.unlink()

    def convert(self, collection, folder):
        self.compile(folder)

    def build(self, collection, folder):
        self.java("build", folder.parent / "flat", folder / "index")

    def index_files(self, folder):
        return [folder / "index"]

    def open(self, collection, folder):
        self.compile(folder)
        self.folder = folder

    def answer(self, queries, k, setting):
        output = self.folder / "answers.txt"
        self.java("search", self.folder.parent / "flat", self.folder / "index", k, output)
        lines = [line.split() for line in output.read_text().splitlines()]
        return [float(line[0]) for line in lines], [
            [int(docid) for docid in line[1:]] for line in lines
        ]
