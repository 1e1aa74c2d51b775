"""One step with one peer: `python -m engines.worker STEP PEER FOLDER OUTPUT.json [SETTINGS.json]`.

FOLDER holds `flat`, `best.u32` and a folder of the peer's own. Steps: `build`; `choose`, which
finds the peer's best setting for each depth with some of the queries; `round`, which measures and
judges those settings.
"""

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

from . import DEPTHS, PEERS, TRIAL_QUERIES, best_settings
from .collection import Best, Collection


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
    """The best settings for each depth."""
    peer.open(collection, folder)
    queries = collection.queries[:TRIAL_QUERIES]
    chosen = {}
    for k in DEPTHS:
        tried = []
        settings = peer.settings(k)
        for setting in settings if len(settings) > 1 else []:
            times, answers = peer.answer(queries, k, setting)
            recall = best.judge(collection, answers, k)["recall"]
            tried.append((recall, sum(times), setting))
        chosen[k] = best_settings(tried) if tried else settings
    return chosen


def resident() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def measure(peer, collection, folder, best, chosen) -> dict:
    before = resident()
    peer.open(collection, folder)
    figures, memory = {}, 0
    for k in DEPTHS:
        figures[k] = []
        for setting in chosen[str(k)]:
            times, answers = peer.answer(collection.queries, k, setting)
            memory = max(memory, resident() - before)
            figures[k].append({"us": times, **best.judge(collection, answers, k)})
    return {"memory": max(memory, peer.memory_elsewhere), **figures}


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
