"""One step with one peer: `python -m engines.worker STEP PEER FOLDER OUTPUT.json [SETTINGS.json]`.

FOLDER holds `flat`, `best.u32` and a folder of the peer's own. Steps: `build`; `choose`, which
finds the peer's best setting for each depth with some of the queries; `round`, which measures and
judges those settings.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

from . import DEPTHS, ENOUGH_RECALL, PEERS
from .collection import Best, Collection

TRIAL_QUERIES = 100


def size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def build(peer, collection, folder, best, chosen) -> dict:
    start = time.perf_counter()
    peer.convert(collection, folder)
    converted = time.perf_counter()
    peer.build(collection, folder)
    built = time.perf_counter()
    return {
        "convert_s": converted - start,
        "build_s": built - converted,
        "bytes": sum(size(path) for path in peer.index_files(folder)),
        "version": peer.version(),
    }


def choose(peer, collection, folder, best, chosen) -> dict:
    """Of the settings with enough recall the fastest; if there are none, the one with the most."""
    peer.open(collection, folder)
    queries = collection.queries[:TRIAL_QUERIES]
    chosen = {}
    for k in DEPTHS:
        tried = []
        settings = peer.settings(k)
        for setting in settings if len(settings) > 1 else []:
            times, answers = peer.answer(queries, k, setting)
            recall = best.judge(collection, answers, k)["recall"]
            tried.append((min(recall, ENOUGH_RECALL), -sum(times), setting))
        chosen[k] = max(tried, key=lambda row: row[:2])[2] if tried else settings[0]
    return chosen


def measure(peer, collection, folder, best, chosen) -> dict:
    peer.open(collection, folder)
    figures = {}
    for k in DEPTHS:
        times, answers = peer.answer(collection.queries, k, chosen[str(k)])
        figures[k] = {"us": times, **best.judge(collection, answers, k)}
    return figures


def main(step: str, name: str, folder: str, output: str, settings: str | None = None) -> None:
    module, kind = PEERS[name]
    peer = getattr(import_module(f".{module}", __package__), kind)()
    root = Path(folder)
    own = root / name
    own.mkdir(exist_ok=True)
    collection = Collection(root / "flat")
    best = Best(root / "best.u32", len(collection.queries))
    chosen = json.loads(Path(settings).read_text()) if settings else None
    steps = {"build": build, "choose": choose, "round": measure}
    Path(output).write_text(json.dumps(steps[step](peer, collection, own, best, chosen)))


if __name__ == "__main__":
    main(*sys.argv[1:])
