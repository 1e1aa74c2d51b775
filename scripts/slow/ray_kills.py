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
import time
from datetime import date
from pathlib import Path

import spork_search as spork
from ray.cluster_utils import Cluster
from results import machine
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

    def kill(self, chosen):
        """Kills a node and everything on it, and adds another."""
        node = self.nodes.pop(chosen)
        self.cluster.remove_node(node, allow_graceful=False)
        self.nodes.append(self.cluster.add_node(num_cpus=1, **LOOPBACK))


def in_process(nodes, step, folder):
    """Starts a step of the job in a folder, in a process of its own."""
    command = [sys.executable, __file__, "--step", step, nodes.cluster.address, str(folder)]
    with open(f"{folder}.said", "a") as said:
        return subprocess.Popen(command, stdout=said, stderr=said)


def under_fire(nodes, kills, least, most, step, prepare, folder):
    """Does a step again and again, in new folders, until so many nodes were killed meanwhile; the
    moments at which they were, the folders, and how often Ray ended the step's own process, which
    it may do when a check of its own fails: the step is then started again."""
    chance, log, folders, restarts = random.Random(SEED), [], [], 0
    while len(log) < kills:
        folders.append(folder.with_name(f"{folder.name}{len(folders)}"))
        prepare(folders[-1])
        begun, process = time.monotonic(), in_process(nodes, step, folders[-1])
        while True:
            wait = chance.uniform(least, most) if len(log) < kills else None
            try:
                if process.wait(wait) == 0:
                    break
            except subprocess.TimeoutExpired:
                nodes.kill(chance.randrange(2))
                log.append(round(time.monotonic() - begun, 2))
                continue
            said = Path(f"{folders[-1]}.said").read_text(errors="replace")
            if "SporkError" in said or restarts > kills:
                sys.exit(f"ray-kills: {step}: {said[-3000:]}")
            restarts += 1
            process = in_process(nodes, step, folders[-1])
    return log, folders, restarts


def take_step(step, address, folder):
    """A step, in the process that is its own."""
    spork_ray.start(address, log_to_driver=False)
    job = spork_ray.Job.read(folder)
    if step == "encode":
        spork_ray.encode(job)
    elif step == "index":
        spork_ray.index(job)
    else:
        topics = some_topics()
        whole = spork.open(job.shard_folders, model=None)
        expected = whole.search_batch(topics, 100).to_trec()
        with spork_ray.open(job.folder, model=None, replicas=2) as shards:
            for _ in range(20):
                same = shards.search_batch(topics, 100).to_trec() == expected
                with open(f"{folder}.same", "a") as file:
                    file.write(f"{int(same)}\n")


def some_topics():
    """Queries of SciFact."""
    return dict(list(spork.read_topics(SCIFACT / "queries.tsv").items())[:100])


def bytes_of(folder):
    """What an index consists of."""
    paths = sorted(Path(folder).rglob("*.bin"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def encode_part(nodes, few, kills):
    """Vectors of six parts."""
    plain = FOLDER / "plain.svec"
    _command.run(["encode", "--model", str(MODEL), "--input", str(few), "--output", str(plain)], 2)
    spork.build(FOLDER / "plain", plain, model=None)
    expected = bytes_of(FOLDER / "plain")

    def prepare(folder):
        spork_ray.Job.of(folder, few, model=MODEL, bm25=False, shards=2, parts=6)

    fire = (1.0, 5.0, "encode", prepare, FOLDER / "encode")
    log, folders, restarts = under_fire(nodes, kills, *fire)
    same = []
    for folder in folders:
        job = spork_ray.Job.read(folder)
        joined = Path(folder) / "joined.svec"
        parts = [job.vectors(part) for part in range(1, 7)]
        _command.run(["convert", "--input", *parts, "--output", str(joined)], 2)
        spork.build(Path(folder) / "index", joined, model=None)
        same.append(bytes_of(Path(folder) / "index") == expected)
    return log, same, restarts


def index_part(nodes, many, kills):
    """Shards of BM25."""

    def prepare(folder):
        spork_ray.Job.of(folder, many, model=None, bm25=True, shards=4)

    prepare(FOLDER / "whole")
    if in_process(nodes, "index", FOLDER / "whole").wait() != 0:
        sys.exit("ray-kills: the undisturbed index fails")
    expected = [bytes_of(each) for each in spork_ray.Job.read(FOLDER / "whole").shard_folders]
    fire = (0.5, 3.0, "index", prepare, FOLDER / "index")
    log, folders, restarts = under_fire(nodes, kills, *fire)
    shards = [spork_ray.Job.read(folder).shard_folders for folder in folders]
    return log, [[bytes_of(each) for each in folders] == expected for folders in shards], restarts


def search_part(nodes, kills):
    """Answers of the shards that were made before; a batch of queries counts as a job."""

    def prepare(folder):
        # The same shards, by a link.
        folder.symlink_to(FOLDER / "whole")

    fire = (0.5, 2.0, "search", prepare, FOLDER / "search")
    log, folders, restarts = under_fire(nodes, kills, *fire)
    same = [
        line == "1" for folder in folders for line in Path(f"{folder}.same").read_text().split()
    ]
    return log, same, restarts


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
    status, undisturbed = answer([*command, str(FOLDER / "head")])
    if status != 0:
        sys.exit("ray-kills: the undisturbed job fails")
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
        same.append(answer([*command, folder]) == (0, undisturbed))
        shutil.rmtree(folder)
    return log, same, 0


def answer(command):
    """Status and output of a command, by way of a file: what Ray starts holds pipes open."""
    path = FOLDER / "answer"
    with path.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.DEVNULL, check=False)
    return done.returncode, path.read_bytes()


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


def page(figures):
    """The page."""
    lines = [
        "# Nodes of Ray, killed",
        "",
        f"By `scripts/slow/ray-kills`, {figures['date']}, commit {figures['commit']}:",
        "a head and two nodes of one processor each, all on one machine. A node is killed with",
        "all that is on it, another is added; *jobs* were done meanwhile, each has to give the",
        "bytes and answers of one that nothing disturbed. In *head* the whole job is killed,",
        "head and driver too, and the same command given once more. *Restarts* are those of the",
        "driver: Ray ends it when a check of its own fails, as may happen when a node is lost,",
        "and the same step is taken again.",
        "",
        "| while it | kills | at seconds | restarts | jobs | the same |",
        "|---|---|---|---|---|---|",
    ]
    for name, part in figures["parts"].items():
        moments = ", ".join(map(str, part["seconds"]))
        counts = f"{part['restarts']} | {part['jobs']} | {part['same']}"
        lines.append(f"| {name} | {len(part['seconds'])} | {moments} | {counts} |")
    return "\n".join(lines) + "\n"


def part_figures(log, same, restarts):
    """What is told of a part: the moments of its kills, and its jobs."""
    return {"seconds": log, "restarts": restarts, "jobs": len(same), "same": sum(same)}


def main():
    """Does all parts, and writes the page."""
    commit, kills, described = sys.argv[1], int(sys.argv[2]), machine()
    shutil.rmtree(FOLDER, ignore_errors=True)
    few, many = write_collections()
    parts = {"head": part_figures(*head_part(few, kills))}
    nodes = Nodes()
    parts["encodes"] = part_figures(*encode_part(nodes, few, kills))
    parts["indexes"] = part_figures(*index_part(nodes, many, kills))
    parts["searches"] = part_figures(*search_part(nodes, kills))
    figures = {
        "date": date.today().isoformat(),
        "commit": commit,
        "machine": described,
        "seed": SEED,
        "parts": parts,
    }
    results = ROOT / "docs/bench"
    (results / "ray-kills.json").write_text(json.dumps(figures, indent=1) + "\n")
    (results / "ray-kills.md").write_text(page(figures))
    print(page(figures))
    if any(part["same"] != part["jobs"] for part in parts.values()):
        sys.exit("ray-kills: something is not the same")


if __name__ == "__main__":
    if sys.argv[1] == "--step":
        take_step(*sys.argv[2:])
    else:
        main()
