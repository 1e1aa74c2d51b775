"""scripts/msmarco.sh on a small collection of the same layout, from a server here: refuses, is
killed, goes on, compares.

    SPORK=target/release/spork python3 -m unittest discover --start-directory scripts/msmarco

The collection is some of data/scifact, the model data/model. Nothing leaves this machine.
"""

import functools
import gzip
import hashlib
import http.server
import io
import json
import os
import pathlib
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPORK = pathlib.Path(os.environ.get("SPORK", ROOT / "target/release/spork")).absolute()
MODEL = str(ROOT / "data/model")
PASSAGES, PART = 240, 80


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def collection():
    """Passages by id, queries by id, and the pairs that are relevant: queries whose passages are
    among the passages.
    """
    scifact = ROOT / "data/scifact"
    pairs = [line.split("\t") for line in (scifact / "qrels.tsv").read_text().splitlines()]
    pairs = [(query, passage) for query, _, passage, grade in pairs if int(grade) > 0]
    queries = dict(line.split("\t") for line in (scifact / "queries.tsv").read_text().splitlines())
    with gzip.open(scifact / "corpus.jsonl.gz", "rt") as lines:
        documents = list(map(json.loads, lines))
    wanted = {passage for _, passage in pairs[:90]}
    documents.sort(key=lambda document: document["_id"] not in wanted)
    passages = {
        document["_id"]: f"{document['title']} {document['text']}"[:300]
        for document in documents[:PASSAGES]
    }
    return passages, queries, [pair for pair in pairs[:90] if pair[0] in queries]


def lines(rows):
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def write_served(folder):
    """Writes what the servers of MS MARCO and TREC have, made small."""
    passages, queries, pairs = collection()
    dev, dl19, dl20 = pairs[:50], pairs[50:70], pairs[70:90]

    def topics(pairs):
        return lines((query, queries[query]) for query in dict(pairs))

    archive = {
        "collection.tsv": lines(passages.items()),
        "queries.dev.small.tsv": topics(dev),
        "qrels.dev.small.tsv": lines((query, "0", passage, "1") for query, passage in dev),
    }
    with tarfile.open(folder / "collectionandqueries.tar.gz", "w:gz") as tar:
        for name, content in archive.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    for year, pairs in (("2019", dl19), ("2020", dl20)):
        (folder / f"msmarco-test{year}-queries.tsv.gz").write_bytes(gzip.compress(topics(pairs)))
        # Grades from 1 to 3: 1 counts for nDCG alone.
        graded = (
            (query, "Q0", passage, str(1 + place % 3))
            for place, (query, passage) in enumerate(pairs)
        )
        (folder / f"{year}qrels-pass.txt").write_bytes(lines(graded).replace(b"\t", b" "))


class Road(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.served, self.output = self.folder / "served", self.folder / "output"
        self.served.mkdir()
        write_served(self.served)
        self.files = self.folder / "files.tsv"
        sums = (
            (file.name, hashlib.md5(file.read_bytes()).hexdigest())
            for file in sorted(self.served.iterdir())
        )
        self.files.write_bytes(lines((name, "no address", md5) for name, md5 in sums))
        self.published = self.folder / "published.tsv"
        self.published.write_text("# none yet\n")
        handler = functools.partial(Quiet, directory=str(self.served))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}/"

    def start(self, *more):
        """The script in a session of its own, so that a kill reaches all that it started."""
        command = [
            ROOT / "scripts/msmarco.sh",
            "--model",
            MODEL,
            "--output",
            self.output,
            "--base-url",
            self.url,
        ]
        command += [
            "--files",
            self.files,
            "--published",
            self.published,
            "--part",
            str(PART),
            *more,
        ]
        command += ["--", "--max-length", "64", "--device", "cpu"]
        environment = {**os.environ, "SPORK": str(SPORK), "no_proxy": "127.0.0.1"}
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    def run_to(self, code, *more):
        process = self.start(*more)
        out, error = process.communicate()
        self.assertEqual(process.returncode, code, error)
        return out, error

    def parts(self):
        return sorted(self.output.glob("*/vectors/*.jsonl.zst"))

    def stamps(self):
        """What is there, by inode and time: a file made anew has others."""
        files = [
            file for file in self.output.rglob("*") if file.is_file() and "partial" not in str(file)
        ]
        return {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}

    def test_road(self):
        self.refuses_another_file()
        self.is_killed_after_a_part()
        measured = self.goes_on()
        self.compares(measured)
        self.has_runs_for_each_query_model(measured)
        _, error = self.run_to(1, "--pooling", "sum")
        self.assertIn("give another --output", error)

    def refuses_another_file(self):
        file = self.served / "2019qrels-pass.txt"
        right = file.read_bytes()
        file.write_bytes(right.replace(b" 1\n", b" 2\n", 1))
        _, error = self.run_to(1)
        got, expected = hashlib.md5(file.read_bytes()).hexdigest(), hashlib.md5(right).hexdigest()
        self.assertIn(f"2019qrels-pass.txt: MD5 is {got}, expected {expected}", error)
        self.assertEqual(list(self.output.glob("downloads/2019qrels-pass.txt*")), [])
        file.write_bytes(right)

    def is_killed_after_a_part(self):
        # What a killed download leaves.
        archive = (self.served / "collectionandqueries.tar.gz").read_bytes()
        (self.output / "downloads/collectionandqueries.tar.gz").unlink(missing_ok=True)
        (self.output / "downloads/collectionandqueries.tar.gz.partial").write_bytes(archive[:1000])
        process = self.start()
        try:
            while not self.parts() and process.poll() is None:
                time.sleep(0.02)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        _, error = process.communicate()
        self.assertEqual(process.returncode, -signal.SIGKILL, error)
        self.assertLess(len(self.parts()), PASSAGES // PART)
        self.assertEqual(list(self.output.glob("*/index")), [])

    def goes_on(self):
        before = self.stamps()
        done = len(self.parts())
        out, error = self.run_to(0)
        after = self.stamps()
        self.assertEqual({file: after[file] for file in before}, before)
        for number in range(PASSAGES // PART):
            ending = ": done before\n" if number < done else "\n"
            self.assertIn(f"encode part {number:04}{ending}", error)
        for step in (
            "download collectionandqueries.tar.gz",
            "unpack",
            f"split into parts of {PART} passages",
        ):
            self.assertIn(f"{step}: done before", error)
        self.assertIn("search dl20\n", error)
        self.assertIn("no published figures", error)
        self.assertEqual(
            len((self.output / "passages/collection.tsv").read_text().splitlines()), PASSAGES
        )
        # All of it again: nothing is made anew but the metrics.
        again, error = self.run_to(0)
        self.assertEqual(again, out)
        self.assertEqual(error.count("done before"), 5 + 2 + PASSAGES // PART + 1 + 3)
        now = self.stamps()
        changed = {file.name for file in now if now[file] != after.get(file)}
        self.assertLessEqual(changed, {"metrics.tsv"})
        rows = [line.split("\t")[:3] for line in out.splitlines()[1:]]
        measures = [
            ("dev", "RR@10"),
            ("dev", "R@1000"),
            ("dl19", "nDCG@10"),
            ("dl19", "R(rel=2)@1000"),
        ]
        measures += [("dl20", "nDCG@10"), ("dl20", "R(rel=2)@1000")]
        self.assertEqual([(name, measure) for name, measure, _ in rows], measures)
        for name, measure, value in rows:
            self.assertTrue(0.3 < float(value) <= 1, (name, measure, value))
        return rows

    def has_runs_for_each_query_model(self, measured):
        out, error = self.run_to(0, "--query-model", MODEL)
        self.assertIn("index: done before", error)
        self.assertNotIn("search dev: done before", error)
        self.assertEqual([line.split("\t")[:3] for line in out.splitlines()[1:]], measured)

    def compares(self, measured):
        def publish(rows):
            self.published.write_bytes(
                lines((MODEL, "-", *row, "0.005", "this test") for row in rows)
            )

        publish(measured)
        out, _ = self.run_to(0)
        self.assertEqual(out.count("\twithin\t"), len(measured))
        name, measure, value = measured[0]
        publish([(name, measure, str(float(value) - 0.006)), *measured[1:]])
        out, error = self.run_to(1)
        self.assertEqual((out.count("\tOUT\t"), out.count("\twithin\t")), (1, len(measured) - 1))
        self.assertIn("out of its tolerance", error)
        publish([*measured, ("dl21", "nDCG@10", "0.5")])
        self.run_to(1)
        publish(measured)


if __name__ == "__main__":
    unittest.main()
