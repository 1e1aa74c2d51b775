"""Holds the table of crates in ARCHITECTURE.md to what cargo builds.

    scripts/check-architecture [--page FILE] [--metadata FILE]

The page has one table with the columns `crate`, `depends on` and `what it is for`: a row for each
member of the workspace, named in `backticks` by its folder's last part, as are the members that it
depends on (to run, or in its build script; not in its tests), or – where there are none. METADATA
is what `cargo metadata --no-deps` prints, which is called unless it is given. Exit code 1: they
differ.
"""

import argparse
import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAD = ["crate", "depends on", "what it is for"]
NAME = re.compile(r"`([^`]+)`")


def cells(line):
    """The cells of a row of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def page_table(text):
    """The crates of the page, each with those that it depends on; errors as text beside."""
    lines = text.splitlines()
    heads = [
        number for number, line in enumerate(lines) if line.startswith("|") and cells(line) == HEAD
    ]
    if len(heads) != 1:
        return {}, [f"expected one table with the columns {' | '.join(HEAD)}, found {len(heads)}"]
    crates, errors = {}, []
    for number, line in enumerate(lines[heads[0] + 2 :], start=heads[0] + 3):
        if not line.startswith("|"):
            break
        row = cells(line)
        name = NAME.fullmatch(row[0])
        if len(row) != len(HEAD) or name is None:
            errors.append(f"line {number}: expected `crate` | `crate`, `crate` | purpose")
            continue
        if name[1] in crates:
            errors.append(f"line {number}: {name[1]} has a row already")
        if NAME.sub("", row[1]).strip(" ,") not in ("", "–"):
            errors.append(f"line {number}: expected names in backticks or –, got {row[1]}")
        if not row[2]:
            errors.append(f"line {number}: {name[1]} has no purpose")
        crates[name[1]] = set(NAME.findall(row[1]))
    return crates, errors


def cargo_table(metadata):
    """The same from cargo: members by their folders, with what they depend on."""
    folders = {
        package["name"]: Path(package["manifest_path"]).parent.name
        for package in metadata["packages"]
    }
    return {
        folders[package["name"]]: {
            folders[needed["name"]]
            for needed in package["dependencies"]
            if needed["name"] in folders and needed["kind"] != "dev"
        }
        for package in metadata["packages"]
    }


def differences(page, cargo):
    """Yields a line for each way in which the page is wrong."""
    for name in sorted(cargo.keys() - page.keys()):
        yield f"{name} has no row"
    for name in sorted(page.keys() - cargo.keys()):
        yield f"{name} is no crate of the workspace"
    for name in sorted(page.keys() & cargo.keys()):
        for needed in sorted(cargo[name] - page[name]):
            yield f"{name} depends on {needed}, which its row does not say"
        for needed in sorted(page[name] - cargo[name]):
            yield f"{name} does not depend on {needed}, as its row says"


def read_metadata(file):
    """What cargo says of the workspace."""
    if file is not None:
        return json.loads(file.read_text(encoding="utf-8"))
    command = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def main(arguments):
    """The program; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="check-architecture",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--page", type=Path, default=ROOT / "ARCHITECTURE.md")
    parser.add_argument("--metadata", type=Path)
    chosen = parser.parse_args(arguments)
    page, errors = page_table(chosen.page.read_text(encoding="utf-8"))
    cargo = cargo_table(read_metadata(chosen.metadata))
    errors += differences(page, cargo)
    for error in errors:
        print(f"{chosen.page.name}: {error}")
    arrows = sum(map(len, cargo.values()))
    print(f"check-architecture: {len(cargo)} crates, {arrows} arrows; differences: {len(errors)}")
    return 1 if errors else 0
