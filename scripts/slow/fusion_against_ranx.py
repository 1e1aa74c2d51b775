"""The comparison of scripts/slow/fusion-against-ranx: SPORK TRIALS."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import ranx

SEED = 20_090_719
TOLERANCE = 1e-6
RUNS = (2, 4)
TOPICS = 6
DOCUMENTS = 60
# As long as other docnos: ranx mixes up runs whose longest docnos differ in length.
NOBODY = "d99"
NORMALIZATIONS = {"none": None, "minmax": "min-max", "zscore": "zmuv"}


def scores(rng: random.Random, kind: str, count: int) -> list[float]:
    """Scores in one of the kinds that runs hold."""
    match kind:
        case "cosines":
            return [rng.uniform(-1, 1) for _ in range(count)]
        case "impacts":
            return [float(rng.randint(1, 5000)) for _ in range(count)]
        case "ties":
            return [float(rng.randint(0, 4)) for _ in range(count)]
        case "constant":
            return [2.0] * count
        case _:
            return [rng.uniform(0, 40) for _ in range(count)]


def a_list(rng: random.Random, ties: bool) -> dict[str, float]:
    """One list: sometimes none, sometimes of one document."""
    count = rng.choice([0, 1, 2, rng.randint(3, DOCUMENTS), rng.randint(3, DOCUMENTS)])
    documents = rng.sample([f"d{number:02}" for number in range(DOCUMENTS)], count)
    kinds = ["cosines", "impacts", "weights"] + (["ties", "constant"] if ties else [])
    found = scores(rng, rng.choice(kinds), count)
    if not ties and len(set(found)) < count:
        found = [float(number) for number in rng.sample(range(5000), count)]
    return dict(zip(documents, found))


def random_run(rng: random.Random, ties: bool) -> dict[str, dict[str, float]]:
    """A run of all topics, some of which are empty: from a file they are missing."""
    return {f"q{topic}": a_list(rng, ties) for topic in range(TOPICS)}


def for_ranx(run: dict[str, dict[str, float]]) -> ranx.Run:
    """The same for ranx, which wants all topics, and fails at z-scores of an empty one: it gets a
    document there that no other run has."""
    return ranx.Run.from_dict({qid: documents or {NOBODY: 1.0} for qid, documents in run.items()})


def write(path: Path, run: dict[str, dict[str, float]]) -> None:
    """A run file, whose lines are in no order."""
    with path.open("w") as file:
        for qid, documents in run.items():
            for docno, score in documents.items():
                print(qid, "Q0", docno, 0, repr(score), "random", file=file)


def read(text: str) -> dict[str, dict[str, float]]:
    """The fused run; lines must be in the order of ranks."""
    run: dict[str, dict[str, float]] = {}
    before: dict[str, tuple[float, str]] = {}
    for line in text.splitlines():
        qid, _, docno, rank, score, _ = line.split()
        found = run.setdefault(qid, {})
        found[docno] = float(score)
        this = (float(score), docno)
        assert int(rank) == len(found) and this < before.get(qid, (float("inf"), "")), line
        before[qid] = this
    return run


def fusions(rng: random.Random, runs: int):
    """Arguments for spork, and a function of ranx's for the same."""
    k = rng.choice([0, 1, 10, 60, 1000])
    yield False, ["rrf", "--rrf-k", str(k)], lambda all: ranx.fuse(all, None, "rrf", {"k": k})
    weights = [round(rng.uniform(0.1, 3), 3) for _ in range(runs)]
    for name, norm in NORMALIZATIONS.items():
        for method in ["sum", "mnz"]:
            arguments = [method, "--normalize", name]
            yield True, arguments, lambda all, n=norm, m=method: ranx.fuse(all, n, m)
            arguments = [*arguments, "--weights", ",".join(map(str, weights))]
            yield (
                True,
                arguments,
                lambda all, n=norm, m=method: ranx.fuse(all, n, "w" + m, {"weights": weights}),
            )


def compare(spork: str, arguments: list[str], paths: list[Path], expected) -> tuple[int, float]:
    """Number of scores, and the largest difference; ends the script at one that is too large."""
    command = [spork, "--quiet", "fuse", "--run", *map(str, paths), "--method", *arguments]
    got = read(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    wanted = {qid: dict(documents) for qid, documents in expected.run.items()}
    for documents in wanted.values():
        documents.pop(NOBODY, None)
    wanted = {qid: documents for qid, documents in wanted.items() if documents}
    assert got.keys() == wanted.keys(), (command, got.keys(), wanted.keys())
    count, largest = 0, 0.0
    for qid, documents in wanted.items():
        assert got[qid].keys() == documents.keys(), (command, qid)
        for docno, score in documents.items():
            difference = abs(got[qid][docno] - score)
            if not difference <= TOLERANCE:
                sys.exit(f"{' '.join(command)}: {qid} {docno}: {got[qid][docno]}, ranx {score}")
            count, largest = count + 1, max(largest, difference)
    return count, largest


def main() -> None:
    """Compares all fusions of some random runs."""
    spork, trials = sys.argv[1], int(sys.argv[2])
    rng = random.Random(SEED)
    fused, compared, largest = 0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(trials):
            count = rng.randint(*RUNS)
            paths = [Path(folder) / f"{number}.run" for number in range(count)]
            # Ranks of equal scores are ranx's own.
            kinds = {ties: [random_run(rng, ties) for _ in paths] for ties in (False, True)}
            for ties, arguments, function in fusions(rng, count):
                for path, run in zip(paths, kinds[ties]):
                    write(path, run)
                runs = [for_ranx(run) for run in kinds[ties]]
                scores, difference = compare(spork, arguments, paths, function(runs))
                fused, compared = fused + 1, compared + scores
                largest = max(largest, difference)
    print(
        f"fusion-against-ranx: {fused} fused runs, {compared} scores equal to within {TOLERANCE};"
        f" the largest difference is {largest:.1e}"
    )


if __name__ == "__main__":
    main()
