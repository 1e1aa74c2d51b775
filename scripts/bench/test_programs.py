"""Tests of what scripts build and run: each `--example NAME` of spork-cli is one that exists."""

import re
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"(?:--example[\", ]+|examples/)([a-z_]+)")


def built_or_run():
    """The programs that scripts of this folder name, each with one that does."""
    found = {}
    for path in sorted(ROOT.glob("scripts/bench/**/*")):
        if path.is_file() and path != Path(__file__).resolve() and path.suffix != ".pyc":
            text = path.read_text(encoding="utf-8", errors="replace")
            found.update(dict.fromkeys(NAMED.findall(text), str(path.relative_to(ROOT))))
    return found


class Programs(unittest.TestCase):
    def test_scripts_and_the_manifest_name_the_same_programs(self):
        manifest = tomllib.loads((ROOT / "crates/cli/Cargo.toml").read_text(encoding="utf-8"))
        there = {example["name"] for example in manifest["example"]}
        named = built_or_run()
        missing = {name: path for name, path in named.items() if name not in there}
        self.assertEqual(missing, {})
        self.assertEqual(there - set(named), set(), "no script builds or runs it")


if __name__ == "__main__":
    unittest.main()
