#!/usr/bin/env python3
"""The parts of scripts/bench/scale that need Ray: `broker QUERIES SHARD SHARD` and `overhead MODEL
TEXTS FOLDER`. Prints what it measured as a line of JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from spork_search import ray as spork_ray
from spork_search.ray import _command

ROUNDS = 3


def quantiles(milliseconds):
    """Median and 99th percentile."""
    return {"p50": float(np.median(milliseconds)), "p99": float(np.percentile(milliseconds, 99))}


def broker(queries, *folders):
    """Each query at the fastest of some rounds."""
    with open(queries) as lines:
        vectors = [json.loads(line)["vector"] for line in lines]
    spork_ray.start(num_cpus=2)
    options = {"mix": {"splade": 1, "bm25": 0}}
    with spork_ray.open(folders, model=None) as shards:
        for vector in vectors[:100]:
            shards.search(vector, 10, **options)
        rounds = []
        for _ in range(ROUNDS):
            took = [shards.search(vector, 10, **options).seconds for vector in vectors]
            rounds.append([(each["total"], each["shard"]) for each in took])
    total, shard = 1e3 * np.min(np.array(rounds), axis=0).T
    return {
        "whole query": quantiles(total),
        "slowest shard": quantiles(shard),
        "broker": quantiles(total - shard),
    }


def overhead(model, texts, folder):
    """A long command plain, and as a task."""
    folder = Path(folder)
    encode = ["encode", "--model", model, "--input", texts, "--force", "--output"]
    took = {}
    begun = time.monotonic()
    _command.run([*encode, str(folder / "plain.svec")], 1)
    took["plain"] = time.monotonic() - begun
    ray = spork_ray.start(num_cpus=1)
    begun = time.monotonic()
    task = ray.remote(_command.run).options(num_cpus=1)
    ray.get(task.remote([*encode, str(folder / "ray.svec")], 1))
    took["ray"] = time.monotonic() - begun
    return took


if __name__ == "__main__":
    measured = {"broker": broker, "overhead": overhead}[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(measured))
