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


if __name__ == "__main__":
    unittest.main()
