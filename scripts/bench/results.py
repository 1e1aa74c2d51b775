#!/usr/bin/env python3
"""What a page of results says of itself: the commit and the machine; and figures that all pages
share.

    scripts/bench/results.py commit [--dirty-ok]

prints the commit's name. Results come from clean commits: with changes in the tree the exit code is
1, or, with --dirty-ok, the name says that there were changes. Pages in docs/bench, which the
scripts write, are no changes.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Dirty(Exception):
    """Results are not to be made from this tree."""


def git(root, *arguments):
    """What git prints, without blanks around it."""
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Dirty(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def commit(dirty_ok=False, root=ROOT):
    """The name of the commit that results come from; raises Dirty if there is none to name."""
    try:
        name = git(root, "rev-parse", "--short", "HEAD")
        changes = git(root, "status", "--porcelain", "--", ".", ":!docs/bench")
    except (Dirty, OSError):
        if dirty_ok:
            return "unknown"
        raise
    if not changes:
        return name
    if dirty_ok:
        return f"{name} with changes"
    first = changes.splitlines()[0]
    raise Dirty(
        f"{first} is not committed; results come from clean commits "
        "(--dirty-ok makes and marks others)"
    )


def clean_commit(program, dirty_ok):
    """The commit's name, or the end of the program."""
    try:
        return commit(dirty_ok)
    except Dirty as reason:
        sys.exit(f"{program}: {reason}")


def machine():
    """The machine as `spork bench --machine` describes it; SPORK names the program."""
    program = os.environ.get("SPORK", ROOT / "target/release/spork")
    command = [program, "bench", "--machine"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    described = json.loads(done.stdout)
    return {**described, "processor": described["processor"] or "unknown processor"}


def size(path):
    """Bytes of a file, or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def query_idf(model):
    """The power of idf that a model's folder asks for."""
    settings = Path(model, "spork.json")
    return json.loads(settings.read_text()).get("query_idf", 0) if settings.exists() else 0


def percentile(times, share):
    """The nearest rank: the smallest time that the share of queries did not exceed."""
    return sorted(times)[max(math.ceil(share * len(times)), 1) - 1]


def read_table(file):
    """A tab-separated file with a line of names: a dictionary a row."""
    names, *rows = (
        line.split("\t") for line in Path(file).read_text(encoding="utf-8").splitlines()
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def main(arguments):
    """The program."""
    if arguments[:1] != ["commit"] or arguments[1:] not in ([], ["--dirty-ok"]):
        sys.exit(__doc__.strip())
    print(clean_commit("results", arguments[1:] == ["--dirty-ok"]))


if __name__ == "__main__":
    main(sys.argv[1:])
