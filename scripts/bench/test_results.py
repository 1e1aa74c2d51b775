"""Results come from clean commits."""

import os
import subprocess
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import results


class Commit(unittest.TestCase):
    """A repository of one commit, and what is done to it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.git("init", "--quiet")
        (self.root / "file").write_text("one\n")
        self.git("add", ".")
        self.git(
            "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "one"
        )
        self.name = self.git("rev-parse", "--short", "HEAD").strip()

    def git(self, *arguments):
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=self.root, check=True, capture_output=True, text=True
        ).stdout

    def test_a_clean_tree_has_its_commit(self):
        self.assertEqual(results.commit(root=self.root), self.name)

    def test_pages_of_results_are_no_changes(self):
        (self.root / "docs/bench").mkdir(parents=True)
        (self.root / "docs/bench/page.md").write_text("figures\n")
        self.assertEqual(results.commit(root=self.root), self.name)

    def test_a_change_is_refused_and_named_unless_it_is_allowed(self):
        for name in ("file", "new"):
            (self.root / name).write_text("two\n")
            with self.assertRaisesRegex(results.Dirty, f"{name} is not committed"):
                results.commit(root=self.root)
            self.assertEqual(
                results.commit(dirty_ok=True, root=self.root), f"{self.name} with changes"
            )
            self.git("add", ".")
            self.git(
                "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", name
            )
            self.name = self.git("rev-parse", "--short", "HEAD").strip()

    def test_no_repository_is_refused_too(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(results.Dirty):
                results.commit(root=Path(folder))
            self.assertEqual(results.commit(dirty_ok=True, root=Path(folder)), "unknown")


class Machine(unittest.TestCase):
    """The machine, as the program describes it."""

    def test_a_processor_without_a_name_is_called_unknown(self):
        for name, expected in (("null", "unknown processor"), ('"One"', "One")):
            with tempfile.TemporaryDirectory() as folder:
                program = Path(folder) / "spork"
                said = f'{{"processor": {name}, "cores": 2, "instructions": "avx2"}}'
                program.write_text(f"#!/bin/sh\n[ \"$*\" = 'bench --machine' ] && echo '{said}'\n")
                program.chmod(0o755)
                with unittest.mock.patch.dict(os.environ, SPORK=str(program)):
                    machine = results.machine()
            self.assertEqual((machine["processor"], machine["cores"]), (expected, 2))


class Figures(unittest.TestCase):
    """What is computed of times."""

    def test_percentiles_are_nearest_ranks(self):
        times = [float(time) for time in range(100, 0, -1)]
        self.assertEqual(
            [results.percentile(times, share) for share in (0.0, 0.5, 0.99, 1.0)], [1, 50, 99, 100]
        )
        self.assertEqual(results.percentile([3.0], 0.99), 3.0)


if __name__ == "__main__":
    unittest.main()
