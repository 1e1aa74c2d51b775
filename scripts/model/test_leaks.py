"""Tests of leaks.py: python3 -m unittest discover -s scripts/model"""

import gzip
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import leaks  # noqa: E402

DOCUMENT = " ".join(f"word{n}" for n in range(40))
QUERY = "Does a planted question, with no doubt, get found?"


def write_jsonl(path, records):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record) + "\n")


class Texts(unittest.TestCase):
    def test_normalize(self):
        self.assertEqual(
            leaks.normalize("The  U.S.—Größe, isn't_it 42?"),
            ["the", "u", "s", "größe", "isn", "t", "it", "42"],
        )
        self.assertEqual(leaks.normalize(" ?! "), [])

    def test_shingles(self):
        words = DOCUMENT.split()
        self.assertEqual(leaks.shingles(words[:12]), [])
        self.assertEqual(len(leaks.shingles(words[:13])), 1)
        self.assertEqual(len(leaks.shingles(words)), 28)
        self.assertEqual(leaks.shingles(words[5:18]), leaks.shingles(words)[5:6])
        self.assertNotEqual(leaks.shingles(words[:13]), leaks.shingles(words[12::-1]))


class Found(unittest.TestCase):
    def setUp(self):
        self.index = leaks.Index()
        self.index.add("set", "documents", "d", [DOCUMENT, "A title " + DOCUMENT])
        self.index.add("set", "queries", "q", [QUERY])

    def leaking(self, *texts, allowed=frozenset()):
        for text in texts:
            self.index.record(text)
        return [text.id for text in self.index.report(allowed)[1]]

    def test_other_text(self):
        self.assertEqual(self.leaking("nothing of the kind", "word1 word2 word3"), [])

    def test_equal_after_normalization(self):
        self.assertEqual(self.leaking("does a PLANTED question with no doubt get found"), ["q"])

    def test_equal_with_title(self):
        self.assertEqual(self.leaking("a title: " + DOCUMENT.upper()), ["d"])

    def test_contained(self):
        self.assertEqual(self.leaking("Before it. " + DOCUMENT + " And after it."), ["d"])

    def test_half_of_the_shingles(self):
        words = DOCUMENT.split()
        self.assertEqual(self.leaking(" ".join(words[:25])), [])  # 13 of 28
        self.assertEqual(self.leaking(" ".join(words[10:26])), ["d"])  # and 1 more, of another text

    def test_allowed(self):
        self.assertEqual(self.leaking(QUERY, allowed={("set", "q")}), [])


class Planted(unittest.TestCase):
    """The script as a whole, over folders with every test set."""

    def run_on(self, pair, *options):
        with tempfile.TemporaryDirectory() as folder:
            data, train = Path(folder, "data"), Path(folder, "train")
            train.mkdir()
            for name, files in leaks.TEST_SETS.items():
                (data / name).mkdir(parents=True)
                write_jsonl(
                    data / name / "corpus.jsonl.gz",
                    [{"_id": "d", "title": "", "text": f"{name} {DOCUMENT}"}],
                )
                for file in files:
                    (data / name / file).write_text(f"q\t{name} {file} {QUERY}\n", encoding="utf-8")
            write_jsonl(train / "pairs.jsonl.gz", [pair])
            write_jsonl(train / "further.jsonl.gz", [])
            write_jsonl(train / "held-out.jsonl.gz", [])
            write_jsonl(train / "corpus.jsonl.gz", [{"_id": "a", "text": "an innocent passage"}])
            with gzip.open(train / "mlm.txt.gz", "wt", encoding="utf-8") as file:
                file.write("an innocent line\n")
            allow = Path(folder, "allow.tsv")
            allow.write_text("# known\nboolq\tq\n", encoding="utf-8")
            command = [
                sys.executable,
                str(HERE / "leaks.py"),
                "--train",
                str(train),
                "--data",
                str(data),
            ]
            command += ["--allow", str(allow)] if "allow" in options else []
            return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_clean(self):
        result = self.run_on({"query": "a query", "positive": "a passage"})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_planted_query(self):
        leak = {"query": f"Boolq queries.tsv: {QUERY}", "positive": "a passage"}
        result = self.run_on(leak)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("leak: boolq queries q: equal", result.stdout)
        self.assertEqual(self.run_on(leak, "allow").returncode, 0)

    def test_planted_passage(self):
        result = self.run_on({"query": "a query", "positive": f"As they say, {DOCUMENT}."})
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("leak: cisi documents d: 97% of shingles", result.stdout)


if __name__ == "__main__":
    unittest.main()
