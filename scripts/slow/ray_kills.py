"""The work of scripts/slow/ray-kills: `ray_kills.py COMMIT KILLS`."""

import contextlib
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import spork_search as spork
from ray.cluster_utils import Cluster
from spork_search import ray as spork_ray
from spork_search.ray import _command

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target/ray-kills"
SCIFACT = ROOT / "data/scifact"
MODEL = ROOT / "data/model"
#: How often the sentences come, with other ids, in the collection that is only indexed.
TIMES = 12
SEED = 23
LOOPBACK = {"node_ip_address": "127.0.0.1"}


def sentences():
    """The sentences of SciFact's abstracts."""
    with gzip.open(SCIFACT / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            for place, sentence in enumerate(re.split(r"(?<=[.!?]) +", record["text"])):
                yield f"{record['_id']}-{place}", " ".join(sentence.split())


def write_collections():
    """The collection to encode, and the one to index by BM25."""
    FOLDER.mkdir(parents=True)
    few, many = FOLDER / "few.tsv", FOLDER / "many.tsv"
    with few.open("w") as of_few, many.open("w") as of_many:
        for number, (docno, sentence) in enumerate(sentences()):
            if number < 6 * 4096:
                of_few.write(f"{docno}\t{sentence}\n")
            for time_ in range(TIMES):
                of_many.write(f"{docno}-{time_}\t{sentence}\n")
    return few, many


class Nodes:
    """A head without processors, and two nodes, of which one at a time is killed and replaced."""

    def __init__(self):
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **LOOPBACK})
        self.nodes = [self.cluster.add_node(num_cpus=1, **LOOPBACK) for _ in range(2)]
        spork_ray.start(self.cluster.address, log_to_driver=False)

    def kill(self, chosen):
        """Kills a node and everything on it, and adds another."""
        node = self.nodes.pop(chosen)
        self.cluster.remove_node(node, allow_graceful=False)
        self.nodes.append(self.cluster.add_node(num_cpus=1, **LOOPBACK))


def under_fire(nodes, kills, least, most, make, folder):
    """Does `make(folder)` again and again, in new folders, until so many nodes were killed
    meanwhile; the moments at which they were, and the folders."""
    chance, log, folders = random.Random(SEED), [], []
    while len(log) < kills:
        folders.append(folder.with_name(f"{folder.name}{len(folders)}"))
        failed = []

        def working(target=folders[-1], failed=failed):
            try:
                make(target)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=working)
        begun = time.monotonic()
        thread.start()
        while len(log) < kills:
            thread.join(chance.uniform(least, most))
            if not thread.is_alive():
                break
            nodes.kill(chance.randrange(2))
            log.append(round(time.monotonic() - begun, 2))
        thread.join()
        if failed:
            raise failed[0]
    return log, folders


def bytes_of(folder):
    """What an index consists of."""
    paths = sorted(Path(folder).rglob("*.bin"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def encode_part(nodes, few, kills):
    """Vectors of six parts."""
    plain = FOLDER / "plain.svec"
    _command.run(["encode", "--model", str(MODEL), "--input", str(few), "--output", str(plain)], 2)
    spork.build(FOLDER / "plain", [plain], model=None)
    expected = bytes_of(FOLDER / "plain")

    def make(folder):
        job = spork_ray.Job.of(folder, few, model=MODEL, bm25=False, shards=2, parts=6)
        spork_ray.encode(job)

    log, folders = under_fire(nodes, kills, 1.0, 5.0, make, FOLDER / "encode")
    same = []
    for folder in folders:
        job = spork_ray.Job.read(folder)
        joined = Path(folder) / "joined.svec"
        parts = [job.vectors(part) for part in range(1, 7)]
        _command.run(["convert", "--input", *parts, "--output", str(joined)], 2)
        spork.build(Path(folder) / "index", [joined], model=None)
        same.append(bytes_of(Path(folder) / "index") == expected)
    return log, same


def index_part(nodes, many, kills):
    """Shards of BM25."""

    def make(folder):
        job = spork_ray.Job.of(folder, many, model=None, bm25=True, shards=4)
        spork_ray.index(job)

    make(FOLDER / "whole")
    expected = [bytes_of(each) for each in spork_ray.Job.read(FOLDER / "whole").shard_folders]
    log, folders = under_fire(nodes, kills, 0.5, 3.0, make, FOLDER / "index")
    shards = [spork_ray.Job.read(folder).shard_folders for folder in folders]
    return log, [[bytes_of(each) for each in folders] == expected for folders in shards]


def search_part(nodes, kills):
    """Answers of the shards that were made before."""
    job = spork_ray.Job.read(FOLDER / "whole")
    topics = dict(list(spork.read_topics(SCIFACT / "queries.tsv"))[:100])
    expected = spork.open(job.shard_folders, model=None).search_batch(topics, 100).to_trec()
    same = []
    with spork_ray.open(job.folder, model=None, replicas=2) as shards:

        def make(_):
            for _ in range(20):
                same.append(shards.search_batch(topics, 100).to_trec() == expected)

        log, _ = under_fire(nodes, kills, 0.5, 2.0, make, FOLDER / "search")
    return log, same


def head_part(few, kills):
    """Whole jobs, with their head and driver, killed; then the same command once more."""
    chance, log, same = random.Random(SEED), [], []
    texts = FOLDER / "fewer.tsv"
    with few.open() as lines:
        texts.write_text("".join(next(lines) for _ in range(2 * 4096)))
    command = [sys.executable, "-m", "spork_search.ray", "--corpus", str(texts)]
    command += ["--shards", "2", "--model", str(MODEL), "--topics", str(SCIFACT / "queries.tsv")]
    command += ["-k", "10", "--output"]
    begun = time.monotonic()
    undisturbed = subprocess.run([*command, str(FOLDER / "head")], capture_output=True, check=True)
    whole = time.monotonic() - begun
    for number in range(kills):
        folder = str(FOLDER / f"head{number}")
        job = subprocess.Popen(
            [*command, folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        moment = chance.uniform(0.1, 0.95) * whole
        time.sleep(moment)
        kill_with_children(job.pid)
        job.wait()
        log.append(round(moment, 2))
        again = subprocess.run([*command, folder], capture_output=True, check=False)
        same.append(again.returncode == 0 and again.stdout == undisturbed.stdout)
        shutil.rmtree(folder)
    return log, same


def kill_with_children(pid):
    """Kills a process and all that descend from it: Ray's daemons have sessions of their own."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    family, grown = {pid}, True
    while grown:
        children = {child for child, parent in parents if parent in family} - family
        family |= children
        grown = bool(children)
    for member in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def page(commit, parts):
    """The page."""
    lines = [
        "# Nodes of Ray, killed",
        "",
        f"By `scripts/slow/ray-kills`, {date.today()}, commit {commit}: a head and two nodes of",
        "one processor each, all on one machine. A node is killed with all that is on it, another",
        "is added; *jobs* were done meanwhile, each has to give the bytes and answers of one that",
        "nothing disturbed. In *head* the whole job is killed, head and driver too, and the same",
        "command given once more.",
        "",
        "| while it | kills | at seconds | jobs | the same |",
        "|---|---|---|---|---|",
    ]
    for name, (log, same) in parts.items():
        moments = ", ".join(map(str, log))
        lines.append(f"| {name} | {len(log)} | {moments} | {len(same)} | {sum(same)} |")
    return "\n".join(lines) + "\n"


def main():
    """Does all parts, and writes the page."""
    commit, kills = sys.argv[1], int(sys.argv[2])
    shutil.rmtree(FOLDER, ignore_errors=True)
    few, many = write_collections()
    parts = {"head": head_part(few, kills)}
    nodes = Nodes()
    parts["encodes"] = encode_part(nodes, few, kills)
    parts["indexes"] = index_part(nodes, many, kills)
    parts["searches"] = search_part(nodes, kills)
    text = page(commit, parts)
    (ROOT / "docs/bench/ray-kills.md").write_text(text)
    print(text)
    if not all(all(same) for _, same in parts.values()):
        sys.exit("ray-kills: something is not the same")


if __name__ == "__main__":
    main()
