"""Spork itself, and the yardstick."""

import array
import hashlib
import json
import subprocess
import time
from pathlib import Path

from . import DEPTHS

CHECKED_QUERIES = 100


def same_but_for_a_unit(got: list[float], expected: list[int]) -> bool:
    """Whether scores are one number times others, to the digits that a run file has."""
    if not expected or len(got) != len(expected):
        return len(got) == len(expected)
    unit = got[0] / expected[0]
    return all(abs(a - b * unit) <= 2e-6 * got[0] for a, b in zip(got, expected))


class Spork:
    def __init__(self, programs: Path, documents: Path, queries: Path, folder: Path):
        self.spork, self.examples = programs / "spork", programs / "examples"
        self.documents, self.queries, self.folder = documents, queries, folder
        self.index = folder / "spork/index"

    def run(self, program: Path, *arguments) -> str:
        command = [str(part) for part in [program, *arguments]]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def build(self) -> dict:
        """The index in the order that all engines get the documents in, and those documents as
        arrays.
        """
        self.index.parent.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        arguments = [
            "--input",
            self.documents,
            "--output",
            self.index,
            "--order",
            "bisection",
            "--quiet",
        ]
        self.run(self.spork, "index", *arguments)
        seconds = time.perf_counter() - start
        self.run(self.examples / "flat", self.index, self.queries, self.folder / "flat")
        return {"build_s": seconds}

    def digest(self) -> str:
        """Of the documents in their order: what other engines have built counts for these alone."""
        digest = hashlib.sha256()
        for name in ["docnos.txt", "offsets.u64", "terms.u32", "impacts.u8"]:
            with open(self.folder / "flat" / name, "rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
        return digest.hexdigest()

    def bench(self, check: int) -> dict:
        """One pass after one to warm up; the first answers are held against exhaustive scoring."""
        output = self.folder / "spork/bench.json"
        depths = ",".join(map(str, DEPTHS))
        options = ["--k", depths, "--repetitions", 1, "--check", check, "--json", output, "--quiet"]
        self.run(self.spork, "bench", "--index", self.index, "--vectors", self.queries, *options)
        return json.loads(output.read_text())

    def round(self) -> dict:
        rows = self.bench(0)["rows"]
        return {row["k"]: {"us": row["samples"]["us"]} for row in rows}

    def write_best(self) -> list[list[int]]:
        """Writes the best scores of each query for the judge of other engines, and returns them:
        those of the yardstick, which Spork's have to equal.
        """
        depth = max(DEPTHS)
        result = json.loads(self.run(self.examples / "yardstick", self.folder / "flat", depth, 1))
        best = [[score for _, score in answer] for answer in result["answers"]]
        for number, (expected, got) in enumerate(zip(best, self.scores(depth), strict=True)):
            if not same_but_for_a_unit(got, expected):
                raise SystemExit(f"peers: Spork's scores of query {number} are not the yardstick's")
        padded = array.array(
            "I", [score for row in best for score in row + [0] * (depth - len(row))]
        )
        (self.folder / "best.u32").write_bytes(padded.tobytes())
        return best

    def scores(self, depth: int) -> list[list[float]]:
        """Spork's scores of each query, descending, in the units of the vectors' weights."""
        options = ["--k", depth, "--threads", 1, "--quiet"]
        run = self.run(
            self.spork, "search", "--index", self.index, "--vectors", self.queries, *options
        )
        scores: dict[str, list[float]] = {}
        for line in run.splitlines():
            qid, _, _, _, score, _ = line.split(" ")
            scores.setdefault(qid, []).append(float(score))
        qids = [json.loads(line)["id"] for line in self.queries.read_text().splitlines()]
        return [scores.get(str(qid), []) for qid in qids]

    def yardstick(self, best: list[list[int]]) -> dict:
        """A round of the yardstick, its scores held against Spork's."""
        figures = {}
        for k in DEPTHS:
            result = json.loads(self.run(self.examples / "yardstick", self.folder / "flat", k, 1))
            scores = [[score for _, score in answer] for answer in result["answers"]]
            differing = sum(got != expected[:k] for got, expected in zip(scores, best, strict=True))
            figures[k] = {"us": result["us"][0], "recall": 1.0, "differing": differing}
            figures["built"] = {"bytes": result["bytes"], "build_s": result["build_s"]}
        return figures
