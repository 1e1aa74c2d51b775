"""Spork itself, and the yardstick."""

import array
import hashlib
import json
import time
from pathlib import Path

from . import DEPTHS, TRIAL_QUERIES, best_settings
from .process import run_for_memory

CHECKED_QUERIES = 100
# Shares of a block's bound that a search counts on; all of it makes the search exact.
ALPHAS = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6]


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
        run_for_memory(self.spork, "index", *arguments)
        seconds = time.perf_counter() - start
        run_for_memory(self.examples / "flat", self.index, self.queries, self.folder / "flat")
        return {"build_s": seconds}

    def digest(self) -> str:
        """Of the documents in their order: what other engines have built counts for these alone."""
        digest = hashlib.sha256()
        for name in ["docnos.txt", "offsets.u64", "terms.u32", "impacts.u8"]:
            with open(self.folder / "flat" / name, "rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
        return digest.hexdigest()

    def bench(self, check: int, depths=DEPTHS, queries=None, **setting) -> dict:
        """One pass after one to warm up; the first answers are held against exhaustive scoring."""
        output = self.folder / "spork/bench.json"
        options = ["--k", ",".join(map(str, depths)), "--repetitions", 1, "--check", check]
        options += [part for name, value in setting.items() for part in (f"--{name}", value)]
        options += ["--vectors", queries or self.queries, "--json", output, "--quiet"]
        _, memory = run_for_memory(self.spork, "bench", "--index", self.index, *options)
        return {"memory": memory, **json.loads(output.read_text())}

    def choose_alpha(self, k: int) -> list[dict]:
        """The best settings of an approximate search."""
        trial = self.folder / "spork/trial.jsonl"
        lines = self.queries.read_text().splitlines(keepends=True)
        trial.write_text("".join(lines[:TRIAL_QUERIES]))
        tried = []
        for alpha in ALPHAS:
            row = self.bench(0, [k], trial, strategy="block-max", alpha=alpha)["rows"][0]
            tried.append((row["recall"], row["mean_us"], {"alpha": alpha}))
        return best_settings(tried)

    def round(self, settings: dict[str, list[dict]]) -> dict:
        """Figures of each depth and setting; without one, the search is exact."""
        figures, memory = {}, 0
        for k in DEPTHS:
            figures[k] = []
            for setting in settings[str(k)]:
                pruned = {"strategy": "block-max", **setting} if setting else {}
                bench = self.bench(0, [k], **pruned)
                row = bench["rows"][0]
                memory = max(memory, bench["memory"])
                figure = {"us": row["samples"]["us"]}
                figures[k].append(figure | ({"recall": row["recall"]} if setting else {}))
        return {"built": {"memory": memory}, **figures}

    def write_best(self) -> list[list[int]]:
        """Writes the best scores of each query for the judge of other engines, and returns them:
        those of the yardstick, which Spork's have to equal.
        """
        depth = max(DEPTHS)
        said, _ = run_for_memory(self.examples / "yardstick", self.folder / "flat", depth, 1)
        result = json.loads(said)
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
        run, _ = run_for_memory(
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
        figures, memory = {}, 0
        for k in DEPTHS:
            said, used = run_for_memory(self.examples / "yardstick", self.folder / "flat", k, 1)
            result, memory = json.loads(said), max(memory, used)
            scores = [[score for _, score in answer] for answer in result["answers"]]
            differing = sum(got != expected[:k] for got, expected in zip(scores, best, strict=True))
            figures[k] = [{"us": result["us"][0], "recall": 1.0, "differing": differing}]
        built = {"bytes": result["bytes"], "build_s": result["build_s"], "memory": memory}
        return {"built": built, **figures}
