"""Tests of check-length."""

import contextlib
import importlib.machinery
import importlib.util
import io
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / "check-length"


def load():
    """The program as a module; its name has no suffix to tell that it is one."""
    loader = importlib.machinery.SourceFileLoader("check_length", str(PROGRAM))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Length(unittest.TestCase):
    """Files on both sides of the limit, and one that is no source."""

    def test_a_file_over_the_limit_is_named(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "short.rs").write_text("x\n" * 600)
            (folder / "long.rs").write_text("x\n" * 601)
            (folder / "script").write_text("#!/bin/sh\n" + "x\n" * 601)
            (folder / "data.json").write_text("x\n" * 601)
            files = [str(folder / one) for one in ("short.rs", "long.rs", "script", "data.json")]
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                code = load().main(files)
        self.assertEqual(code, 1)
        self.assertEqual(
            printed.getvalue().replace(f"{folder}/", "").splitlines(),
            [
                "check-length: long.rs has 601 lines, at most 600 are allowed: split it",
                "check-length: script has 602 lines, at most 600 are allowed: split it",
                "check-length: 3 files, the longest has 602 lines",
            ],
        )


class Columns(unittest.TestCase):
    """Lines on both sides of the limit, in places that count and in some that don't."""

    def check(self, name, *lines):
        """The numbers of the lines that are found in a file of this name."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_text("\n".join(lines) + "\n")
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                code = load().main([str(file)])
        *found, _ = printed.getvalue().splitlines()
        self.assertEqual(code, 1 if found else 0)
        return [int(line.split(" ")[1].rsplit(":", 1)[1]) for line in found]

    def test_prose_counts_but_tables_code_and_addresses(self):
        wide = "x" * 101
        lines = ("é" * 100, wide, f"| {wide} |", "```", wide, "```", f"https://{wide}", f"- {wide}")
        self.assertEqual(self.check("page.md", *lines), [2, 8])
        self.assertEqual(self.check("LICENSE.md", wide), [])

    def test_shell_counts_whole_and_rust_by_its_comments(self):
        wide = "x" * 101
        self.assertEqual(self.check("script", "#!/usr/bin/env bash", f"echo {wide}"), [2])
        self.assertEqual(self.check("script", "#!/usr/bin/env python3", wide), [])
        self.assertEqual(self.check("code.rs", wide, f"    /// {wide}", f"//! | {wide} |"), [2])


if __name__ == "__main__":
    unittest.main()
