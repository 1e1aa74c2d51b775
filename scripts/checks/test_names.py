"""Tests of check-names, on a small tree with old names in every place."""

import contextlib
import io
import unittest
from pathlib import Path

from . import names

FIXTURE = Path(__file__).parent / "fixtures/names"


class Names(unittest.TestCase):
    """The program as a whole, and its table."""

    def test_old_names_are_found_wherever_they_stand(self):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = names.main([str(FIXTURE)])
        *found, closing = printed.getvalue().splitlines()
        searcher = "crates/searcher/src/together.rs"
        self.assertEqual(
            [line.split("; now: ")[0] for line in found],
            [
                "README.md:1: together",
                "README.md:1: `blocks`",
                "crates/cli/src/args.rs:1: normalised",
                "crates/cli/src/args.rs:1: neighbours",
                f"{searcher}: an old name of a file",
                f"{searcher}:3: Experience",
                f"{searcher}:3: rarity",
                f"{searcher}:3: rarity",
                f"{searcher}:5: Strategy::Blocks",
                f"{searcher}:8: blocks",
                f"{searcher}:1: by bounds",
                f"{searcher}:3: runs of documents",
                "scripts/read.py:3: are_none",
                "scripts/read.py:1: fleet",
                "scripts/search:2: --strategy taat,blocks",
            ],
        )
        self.assertEqual(
            closing, f"check-names: {len(names.read_table(names.TABLE))} rules, old names found: 15"
        )
        self.assertEqual(code, 1)

    def test_a_row_of_an_unknown_place_is_refused(self):
        file = FIXTURE / "../names-table.tsv"
        with self.assertRaisesRegex(SystemExit, "names-table.tsv:2: help: expected one of"):
            names.read_table(file)


if __name__ == "__main__":
    unittest.main()
