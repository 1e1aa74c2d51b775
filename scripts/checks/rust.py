"""Rust source as spans: comments, doc comments and string literals; the rest is code."""

import re
from typing import NamedTuple

COMMENT, DOC, STRING, CODE = "comment", "doc", "string", "code"

TOKEN = re.compile(
    r"""
    (?P<doc>//[/!](?!/)[^\n]*) | (?P<line>//[^\n]*) | (?P<block>/\*)
    | (?P<raw>\b[bc]?r(?P<hashes>\#*)") | (?P<string>"(?:\\.|[^"\\])*")
    | (?P<char>'(?:\\(?:u\{[0-9a-fA-F_]*\}|x[0-9a-fA-F]{2}|.)|[^'\\\n])')
    """,
    re.VERBOSE | re.DOTALL,
)
CFG_TEST = re.compile(r"#\[cfg\((?:all\()?\s*test\b[^\]]*\]")


class Span(NamedTuple):
    """A part of a file, by its kind and its offsets."""

    kind: str
    start: int
    end: int


def spans(text):
    """Yields every span that is not code, in the order of the text."""
    position = 0
    while found := TOKEN.search(text, position):
        end = found.end()
        if found["block"]:
            end = block_end(text, found.start())
        elif found["raw"]:
            closing = text.find('"' + found["hashes"], end)
            end = len(text) if closing < 0 else closing + 1 + len(found["hashes"])
        kind = DOC if found["doc"] else COMMENT if found["line"] or found["block"] else STRING
        yield Span(kind, found.start(), end)
        position = end


def block_end(text, start):
    """The end of the block comment that begins at `start`; block comments nest."""
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def blanked(text, start, end):
    """The text with spaces from `start` to `end`; lines stay where they are."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def code(text):
    """The text with comments and string literals blanked."""
    parts, position = [], 0
    for span in spans(text):
        parts += [text[position : span.start], re.sub(r"[^\n]", " ", text[span.start : span.end])]
        position = span.end
    return "".join(parts) + text[position:]


def without_tests(text):
    """Code with everything blanked that stands under `#[cfg(test)]`."""
    while found := CFG_TEST.search(text):
        text = blanked(text, found.start(), item_end(text, found.end()))
    return text


def item_end(text, start):
    """The end of the item after `start`: its semicolon, or the brace that closes its body."""
    depth = 0
    is_use = re.compile(r"\s*(?:pub(?:\([^)]*\))?\s+)?use\b").match(text, start)
    for mark in re.compile(r"[{}()\[\];]").finditer(text, start):
        if mark.group() in "{([":
            depth += 1
        elif mark.group() in "})]":
            depth -= 1
            if depth == 0 and mark.group() == "}" and not is_use:
                return mark.end()
        elif depth == 0:
            return mark.end()
    return len(text)
