"""Everything: `python -m engines COMMIT PROGRAMS DOCUMENTS QUERIES.jsonl FOLDER PEERS_FOLDER NAME
[PEER…]`.

Writes `FOLDER/peers.md`, `FOLDER/peers.json` and the picture `FOLDER/peers.svg`. The exit code is 1
if answers of Spork, or of an engine that should be exact, were not.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from . import APPROXIMATE, DEPTHS, PEERS, picture, table
from .install import Environment, Missing, requirements, run
from .own import CHECKED_QUERIES, Spork

ROUNDS = 3
OWN = ["spork", "spork --alpha", "yardstick"]
# The settings that are tried stand in these.
SOURCES = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()
# Seconds that a step with a peer may take.
LIMIT = float(os.environ.get("LIMIT", "3600"))


class Workers:
    """Steps with peers, each in a process of its own."""

    def __init__(self, environment: Environment, folder: Path, collection: str):
        self.environment, self.folder, self.collection = environment, folder, collection
        one_thread = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        self.variables = os.environ | {"LD_LIBRARY_PATH": str(environment.library)} | one_thread

    def step(self, step: str, peer: str, *more: Path) -> dict:
        output = self.folder / peer / f"{step}.json"
        arguments = ["-m", "engines.worker", step, peer, self.folder, output, *more]
        run([str(part) for part in [self.environment.python, *arguments]], self.variables, LIMIT)
        return json.loads(output.read_text())

    def once(self, step: str, peer: str) -> dict:
        """The step, or what an earlier run with the same documents and versions has left of it."""
        output, made_of = self.folder / peer / f"{step}.json", self.folder / peer / f"{step}.of"
        key = " ".join([self.collection, *requirements(peer)])
        if step == "choose":
            key += f" {SOURCES}"
        if output.exists() and made_of.exists() and made_of.read_text() == key:
            return json.loads(output.read_text())
        made_of.unlink(missing_ok=True)
        result = self.step(step, peer)
        made_of.write_text(key)
        return result


def say(text: str) -> None:
    print(f"peers: {text}", file=sys.stderr, flush=True)


def prepare(workers: Workers, peers: list[str]) -> dict[str, dict]:
    """Installs, builds and tunes the peers; one that can't be is `missing`, with the reason."""
    engines = {}
    for peer in peers:
        engine = {"name": peer, "exact": peer not in APPROXIMATE}
        try:
            say(f"{peer}: installing")
            workers.environment.install(peer)
            (workers.folder / peer).mkdir(exist_ok=True)
            say(f"{peer}: building")
            engine |= workers.once("build", peer)
            say(f"{peer}: choosing the best setting")
            engine["settings"] = workers.once("choose", peer)
        except Missing as reason:
            say(f"{peer} is missing: {reason}")
            engine["missing"] = str(reason)
        engines[peer] = engine
    return engines


def measure(
    workers: Workers, spork: Spork, engines: dict[str, dict], best
) -> dict[str, list[dict]]:
    """Rounds of all engines, in turns: of each depth a list, the chosen settings' figures."""
    rounds: dict[str, list[dict]] = {name: [] for name in engines}
    for number in range(1, ROUNDS + 1):
        say(f"round {number} of {ROUNDS}")
        rounds["spork"].append(spork.round({str(k): [{}] for k in DEPTHS}))
        rounds["spork --alpha"].append(spork.round(engines["spork --alpha"]["settings"]))
        rounds["yardstick"].append(spork.yardstick(best))
        for peer, engine in engines.items():
            if peer in OWN or "missing" in engine:
                continue
            try:
                figures = workers.step("round", peer, workers.folder / peer / "choose.json")
                rounds[peer].append({k: figures[str(k)] for k in DEPTHS})
                engine["memory"] = figures["memory"]
            except Missing as reason:
                say(f"{peer} is missing: {reason}")
                engine["missing"] = str(reason)
    return rounds


def describe(engines: dict[str, dict], rounds: dict[str, list[dict]]) -> list[dict]:
    """The engines with the figures of each depth and setting."""
    for name, engine in engines.items():
        if "missing" not in engine:
            settings = engine.pop("settings")
            engine["depths"] = {
                k: [
                    table.figures([one[k][place] for one in rounds[name]]) | {"setting": setting}
                    for place, setting in enumerate(settings[str(k)])
                ]
                for k in DEPTHS
            }
    return list(engines.values())


def own_engines(spork: Spork, checked: dict, built: dict) -> dict[str, dict]:
    """Spork, exact and not, and the yardstick, before they are measured."""
    whole = {"bytes": checked["indexes"][0]["bytes"], "version": "", **built}
    strategies = {str(row["k"]): [{"strategy": row["strategy"]}] for row in checked["rows"]}
    alone = {str(k): [{}] for k in DEPTHS}
    say("spork: choosing alpha")
    alphas = {str(k): spork.choose_alpha(k) for k in DEPTHS}
    return {
        "spork": {"name": "spork", "exact": True, "settings": strategies, **whole},
        "spork --alpha": {"name": "spork", "exact": False, "settings": alphas, **whole},
        "yardstick": {"name": "yardstick", "exact": True, "settings": alone, "version": ""},
    }


def main(commit, programs, documents, queries, folder, peers_folder, name, *peers) -> int:
    unknown = set(peers) - set(PEERS)
    if unknown:
        sys.exit(f"peers: no peer {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    folder = Path(folder)
    spork = Spork(Path(programs), Path(documents), Path(queries), folder)
    say("spork: building, checking")
    built = spork.build()
    checked = spork.bench(CHECKED_QUERIES)
    best = spork.write_best()
    workers = Workers(Environment(Path(peers_folder)), folder, spork.digest())
    engines = own_engines(spork, checked, built) | prepare(workers, list(peers or PEERS))
    load = os.getloadavg()[0]
    rounds = measure(workers, spork, engines, best)
    for own in OWN:
        engines[own] |= rounds[own][0]["built"]
    index = checked["indexes"][0]
    result = {
        "documents": index["documents"],
        "postings": index["postings"],
        "queries": checked["queries"],
        "collection": name,
        "rounds": ROUNDS,
        "load": load,
        "program": checked["program"],
        "commit": commit,
        "machine": checked["machine"],
        "engines": describe(engines, rounds),
    }
    (folder / "peers.json").write_text(json.dumps(result, indent=1) + "\n")
    picture.draw(spork.spork, result, folder / "peers.svg")
    text = table.markdown(result)
    (folder / "peers.md").write_text(text)
    print(text, end="")
    measured = [
        engine for engine in result["engines"] if "missing" not in engine and engine["exact"]
    ]
    wrong = [
        engine["name"]
        for engine in measured
        if any(figure["differing"] for k in DEPTHS for figure in engine["depths"][k])
    ]
    if wrong:
        say(f"other scores than Spork's: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
