"""From a corpus to shards."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import SporkError
from . import _command
from ._job import Job, is_index
from ._start import start

if TYPE_CHECKING:
    from ._sharded import ShardedIndex

_log = logging.getLogger("spork_search.ray")

#: How often a shard is tried again when a node is lost.
RETRIES = 20
#: Memory of a task that indexes, unless told otherwise.
MEMORY = "4G"


def run(
    corpus: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    shards: int,
    model: str | os.PathLike[str] | None = "default",
    bm25: bool = True,
    parts: int | None = None,
    cpus: float = 1,
    gpus: float = 0,
    replicas: int = 1,
    memory: str = MEMORY,
    address: str | None = None,
    **settings: Any,
) -> ShardedIndex:
    """Encodes and indexes a collection in shards, and opens them for searches. What an earlier run
    with the same settings has completed in the folder is not made again.

    Args:
        corpus: the collection, a file that every node sees: BEIR's ``corpus.jsonl`` or
            ``docno<TAB>text``, plain, gzip or zstd.
        folder: where everything goes; every node has to see it.
        shards: how many indexes there are to be.
        model: a model's folder, its name on the Hugging Face Hub, ``"default"``, or None for BM25
            alone.
        bm25: whether there is a field of BM25, beside that of the model or alone.
        parts: how many tasks encode; as many as shards, unless given.
        cpus: processors that a task takes.
        gpus: GPUs that a task of encoding takes; with more than 0 the nodes need ``spork-torch``.
        replicas: how often each shard is open for searches.
        memory: the most that the task of the statistics, or of a shard, takes, such as ``"28G"``.
        address: of a Ray cluster; by default one of this machine alone is started.
        settings: ``precision``, ``allow_mismatch``, ``columns`` and ``store_text`` of :class:`Job`.

    Raises:
        SporkError: settings that differ from those of the folder, or what went wrong in a task.
    """
    from ._sharded import open

    start(address)
    job = Job.of(folder, corpus, model=model, bm25=bm25, shards=shards, parts=parts, **settings)
    encode(job, cpus=cpus, gpus=gpus)
    index(job, cpus=cpus, memory=memory)
    return open(job.shard_folders, model=job.model, replicas=replicas)


def encode(job: Job, *, cpus: float = 1, gpus: float = 0) -> list[str]:
    """Makes the vectors of a job, a task a part, and returns their files."""
    if job.model is None:
        return []
    files = [job.vectors(part) for part in range(1, job.parts + 1)]
    os.makedirs(os.path.dirname(files[0]), exist_ok=True)
    missing = [part for part, path in enumerate(files, 1) if not os.path.isfile(path)]
    _all("encode", job.encode_arguments, missing, job.parts, cpus, gpus)
    return files


def index(job: Job, *, cpus: float = 1, memory: str = MEMORY) -> list[str]:
    """Makes the shards of a job, a task each, and returns their folders."""
    os.makedirs(os.path.join(job.folder, "shards"), exist_ok=True)
    if not is_index(job.statistics):
        _all("statistics", lambda _: job.statistics_arguments(memory), [1], 1, cpus)
    folders = job.shard_folders
    missing = [number for number, folder in enumerate(folders, 1) if not is_index(folder)]
    _all("index", lambda n: job.index_arguments(n, memory), missing, job.shards, cpus)
    return folders


def _all(
    name: str,
    arguments: Callable[[int], list[str]],
    numbers: Sequence[int],
    of: int,
    cpus: float,
    gpus: float = 0,
) -> None:
    """Runs a command for each number, on any node, until all are done."""
    if not numbers:
        _log.info("%s: all %d are there", name, of)
        return
    ray = start()
    _check_room(ray, name, cpus, gpus)
    task = ray.remote(_command.run).options(
        name=f"spork {name}",
        num_cpus=cpus,
        num_gpus=gpus,
        max_retries=RETRIES,
        retry_exceptions=[_command.Killed],
        scheduling_strategy="SPREAD",
    )
    threads = max(1, int(cpus))
    pending = {task.remote(arguments(number), threads): number for number in numbers}
    begun, done = time.monotonic(), of - len(numbers)
    try:
        for reference in _as_they_end(ray, pending):
            _tell_warnings(ray.get(reference))
            done += 1
            _log.info("%s: %d of %d after %.1f s", name, done, of, time.monotonic() - begun)
    except ray.exceptions.RayTaskError as error:
        # What the engine says, and not Ray's account of where.
        raise error.cause if isinstance(error.cause, SporkError) else error from None
    except ray.exceptions.RayError as error:
        raise SporkError(f"{name}: a task is lost for good: {error}") from None
    finally:
        if done < of:
            for reference in pending:
                ray.cancel(reference)


def _check_room(ray: Any, name: str, cpus: float, gpus: float) -> None:
    """Refuses a task that no node has room for: Ray would wait for one."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(node.get("CPU", 0) >= cpus and node.get("GPU", 0) >= gpus for node in nodes):
        has = ", ".join(f"{node.get('CPU', 0):g} and {node.get('GPU', 0):g}" for node in nodes)
        raise SporkError(
            f"{name}: no node has {cpus:g} processors and {gpus:g} GPUs; the nodes have {has}"
        )


def _tell_warnings(said: str) -> None:
    """Hands the engine's warnings on."""
    for line in said.splitlines():
        if " WARN " in line:
            _log.warning("%s", line.split(" WARN ", 1)[1].strip())


def _as_they_end(ray: Any, references: Iterable[Any]) -> Iterable[Any]:
    waiting = list(references)
    while waiting:
        ended, waiting = ray.wait(waiting)
        yield from ended
