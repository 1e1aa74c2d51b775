"""Finds names that this project no longer uses.

    scripts/check-names [ROOT]

The names stand in scripts/checks/names.tsv, which also says where each is looked for and what to
write instead. All files that git knows below ROOT (by default this repository) are read: paths,
code, help (the comments that clap shows), messages, JSON keys, and documents. Exit code 1: one was
found.
"""

import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import NamedTuple

from . import rust

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("names.tsv")
PLACES = {"path", "word", "code", "value", "flag", "text"}
# Results keep the words of their time, as does history; data is not ours; and this check names what
# it looks for.
EXEMPT = re.compile(
    r"^(docs/bench/|CHANGELOG\.md$|LICENSE|data/|fuzz/seeds/|tests/frozen/|scripts/checks/)"
    r"|/(golden|fixtures)/|\.lock$|/stop_words\.rs$"
)
READ = {".rs", ".py", ".java", ".sh", ".toml", ".yml", ".md", ".json", ".txt", ".tsv", ".css", ""}
TICKED = re.compile(r"`([^`\n]+)`")
QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")


class Rule(NamedTuple):
    """A row of the table."""

    where: str
    under: tuple
    pattern: re.Pattern
    new: str

    def holds_for(self, path):
        """Whether files at this path may not have the name."""
        return any(one in (".", path) or path.startswith(f"{one}/") for one in self.under)


class Piece(NamedTuple):
    """A part of a file: its kind (code, text or value), where it starts, and what it says."""

    kind: str
    start: int
    text: str


def read_table(file):
    """The rules of a table."""
    rules = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        places, under, old, new = line.split("\t")
        for where in places.split(","):
            if where not in PLACES:
                expected = ", ".join(sorted(PLACES))
                raise SystemExit(f"{file}:{number}: {where}: expected one of {expected}")
            pattern = rf"\b(?:{old})\b" if where in ("word", "text") else old
            rules.append(Rule(where, tuple(under.split()), re.compile(pattern), new))
    return rules


def pieces(path, text):
    """Yields the parts of a file."""
    suffix = Path(path).suffix
    if suffix == ".rs":
        yield from rust_pieces(text)
    elif suffix == ".py" or text.startswith("#!/usr/bin/env python3"):
        yield from python_pieces(text)
    else:
        yield Piece("text", 0, text)
        if suffix != ".md":
            yield Piece("code", 0, text)
            for found in QUOTED.finditer(text):
                yield Piece("value", found.start() + 1, found[1] or found[2] or "")


def rust_pieces(text):
    """The parts of a Rust file."""
    yield Piece("code", 0, rust.code(text))
    for span in rust.spans(text):
        part = text[span.start : span.end]
        yield Piece("text", span.start, part)
        if span.kind == rust.STRING and '"' in part:
            quote = part.index('"') + 1
            yield Piece("value", span.start + quote, part[quote : part.rindex('"')])


def python_pieces(text):
    """The parts of a Python file."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    code = text
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        start, end = (starts[line - 1] + column for line, column in (token.start, token.end))
        is_string = token.type in (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1))
        if not is_string and token.type != tokenize.COMMENT:
            continue
        code = rust.blanked(code, start, end)
        yield Piece("text", start, text[start:end])
        if is_string:
            yield Piece("value", start, token.string.strip("rbfu").strip("\"'"))
    yield Piece("code", 0, code)


def matches(rule, path, text, parts):
    """Yields the offsets where a rule's name stands in a file, and what stands there."""
    if rule.where == "flag":
        yield from ((found.start(), found.group()) for found in rule.pattern.finditer(text))
        return
    for part in parts:
        if rule.where == "value":
            if part.kind == "value" and rule.pattern.fullmatch(part.text):
                yield part.start, part.text
        elif rule.where == "text":
            if part.kind == "text":
                yield from search(rule, part.start, part.text)
        elif part.kind == "code" and not path.endswith(".md"):
            yield from search(rule, part.start, part.text)
        elif part.kind == "text" and rule.where == "word":
            for ticked in TICKED.finditer(part.text):
                yield from search(rule, part.start + ticked.start(1), ticked[1])


def search(rule, start, text):
    """Yields where a rule's pattern is found in a piece."""
    for found in rule.pattern.finditer(text):
        yield start + found.start(), found.group()


def findings(root, rules):
    """Yields a line for each old name that stands in a tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    for path in sorted(set(listed.stdout.split("\0")) - {""}):
        if EXEMPT.search(path) or not (root / path).is_file():
            continue
        here = [rule for rule in rules if rule.holds_for(path)]
        for rule in here:
            if rule.where == "path" and rule.pattern.search(path):
                yield f"{path}: an old name of a file; now: {rule.new}"
        if Path(path).suffix in READ:
            text = (root / path).read_text(encoding="utf-8", errors="replace")
            yield from findings_in(path, text, [rule for rule in here if rule.where != "path"])


def findings_in(path, text, rules):
    """Yields a line for each old name in a file."""
    parts = list(pieces(path, text))
    for rule in rules:
        for offset, old in sorted(set(matches(rule, path, text, parts))):
            line = text.count("\n", 0, offset) + 1
            yield f"{path}:{line}: {' '.join(old.split())}; now: {rule.new}"


def main(arguments):
    """The program; returns its exit code."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root = Path(arguments[0] if arguments else ROOT).resolve()
    rules = read_table(TABLE)
    found = list(findings(root, rules))
    for line in found:
        print(line)
    print(f"check-names: {len(rules)} rules, old names found: {len(found)}")
    return 1 if found else 0
