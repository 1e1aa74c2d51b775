"""Tests of check-architecture, on a page that is right and one that is wrong in every way."""

import contextlib
import io
import unittest
from pathlib import Path

from . import architecture

FIXTURES = Path(__file__).parent / "fixtures/architecture"


def run(page):
    """The exit code for a page, and what is printed."""
    arguments = ["--page", str(FIXTURES / page), "--metadata", str(FIXTURES / "metadata.json")]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = architecture.main(arguments)
    return code, printed.getvalue().splitlines()


class Architecture(unittest.TestCase):
    """The program as a whole."""

    def test_a_page_that_is_right_passes(self):
        self.assertEqual(
            run("right.md"), (0, ["check-architecture: 3 crates, 3 arrows; differences: 0"])
        )

    def test_every_difference_is_named(self):
        code, lines = run("wrong.md")
        self.assertEqual(
            [line.removeprefix("wrong.md: ") for line in lines],
            [
                "line 4: expected names in backticks or –, got core",
                "line 4: index has no purpose",
                "line 6: expected `crate` | `crate`, `crate` | purpose",
                "searcher has no row",
                "miner is no crate of the workspace",
                "core does not depend on index, as its row says",
                "index depends on core, which its row does not say",
                "check-architecture: 3 crates, 3 arrows; differences: 7",
            ],
        )
        self.assertEqual(code, 1)

    def test_a_page_without_the_table_fails(self):
        crates, errors = architecture.page_table("# Nothing\n")
        self.assertEqual(crates, {})
        self.assertEqual(
            errors,
            ["expected one table with the columns crate | depends on | what it is for, found 0"],
        )


if __name__ == "__main__":
    unittest.main()
