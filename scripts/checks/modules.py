"""The modules of a Rust target: which file declares what, and what each module imports."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from . import rust

TOKEN = re.compile(r"r#\w+|\w+|::|[{}();,*#\[\]]|\S")
PATH = re.compile(r"\$?\b[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)+")
ITEMS = {"fn", "struct", "enum", "trait", "union", "type", "const", "static"}
QUALIFIERS = {"unsafe", "async", "extern", "mut"}


class Import(NamedTuple):
    """One name of a `use`: its path, the name it gets here, and whether it is passed on."""

    path: tuple
    name: str
    is_public: bool
    line: int


class Reference(NamedTuple):
    """A path in code that is not a `use`."""

    path: tuple
    line: int


class Item(NamedTuple):
    """Something that a module defines itself."""

    file: Path
    name: str


@dataclass
class Module:
    """One module: a file, or a part of it between braces."""

    name: str
    file: Path
    parent: "Module | None"
    children: dict = field(default_factory=dict)
    items: set = field(default_factory=set)
    imports: list = field(default_factory=list)
    references: list = field(default_factory=list)
    words: set = field(default_factory=set)

    def root(self):
        """The module that `crate` names."""
        return self if self.parent is None else self.parent.root()

    def all(self):
        """This module and all below it."""
        yield self
        for child in self.children.values():
            yield from child.all()


def read_target(file):
    """The module tree of a target, from its root file."""
    root = Module("crate", file, None)
    fill(root, file.parent)
    return root


def fill(module, folder):
    """Reads a file's module; `folder` is where the files of its children lie."""
    text = rust.without_tests(rust.code(module.file.read_text(encoding="utf-8")))
    paths = re.findall(
        r'#\[path = "([^"]+)"\]\s*(?:pub\s+)?mod (\w+);', module.file.read_text("utf-8")
    )
    Scanner(text, folder, {name: path for path, name in paths}).body(module, 0)


class Scanner:
    """Walks through the tokens of one file."""

    def __init__(self, text, folder, paths):
        self.text, self.folder, self.paths = text, folder, paths
        self.tokens = list(TOKEN.finditer(text))

    def word(self, position):
        """The token at a position; nothing past the end."""
        return self.tokens[position].group() if position < len(self.tokens) else ""

    def line(self, position):
        """The number of the line where a token stands."""
        return self.text.count("\n", 0, self.tokens[position].start()) + 1

    def body(self, module, position):
        """Reads a module's body up to its closing brace, whose position it returns."""
        depth, start, cuts = 0, position, []
        while position < len(self.tokens):
            word = self.word(position)
            if word == "}" and depth == 0:
                break
            depth += {"{": 1, "}": -1}.get(word, 0)
            if word == "use" and self.word(position + 1) != "<":
                position = self.use(module, position, cuts)
            elif depth == 0 and word == "mod":
                position = self.child(module, position, cuts)
            elif depth == 0 and word in ITEMS and self.word(position + 1) not in ITEMS | QUALIFIERS:
                module.items.add(self.word(position + 1))
            elif depth == 0 and word == "macro_rules":
                module.items.add(self.word(position + 2))
            position += 1
        self.remember_code(module, start, position, cuts)
        return position

    def child(self, module, position, cuts):
        """`mod name;` or `mod name { … }`."""
        name, start = self.word(position + 1), position
        inline = self.word(position + 2) == "{"
        folder = self.folder
        file = module.file if inline else self.file_of(name)
        child = module.children.setdefault(name, Module(name, file, module))
        if inline:
            self.folder = folder / name
            position = self.body(child, position + 3)
            self.folder = folder
            cuts.append(
                (self.tokens[start].start(), self.tokens[min(position, len(self.tokens) - 1)].end())
            )
            return position
        if file is None:
            del module.children[name]
        else:
            fill(child, file.parent if file.name == "mod.rs" else file.parent / file.stem)
        return position + 2

    def file_of(self, name):
        """The file of a child; none where the declaration is for another platform or made up."""
        candidates = [self.folder / f"{name}.rs", self.folder / name / "mod.rs"]
        if name in self.paths:
            candidates = [self.folder / self.paths[name]]
        return next((file for file in candidates if file.exists()), None)

    def use(self, module, position, cuts):
        """A `use` declaration; returns the position of its semicolon."""
        is_public = self.is_public(position)
        end = position
        while self.word(end) not in (";", ""):
            end += 1
        line = self.line(position)
        for path, name in self.tree(position + 1, end, ()):
            module.imports.append(Import(path, name, is_public, line))
        cuts.append(
            (self.tokens[position].start(), self.tokens[min(end, len(self.tokens) - 1)].end())
        )
        return end

    def is_public(self, position):
        """Whether `pub`, or `pub(…)`, stands before a token."""
        before = position - 1
        if before >= 0 and self.word(before) == ")":
            while before >= 0 and self.word(before) != "(":
                before -= 1
            before -= 1
        return before >= 0 and self.word(before) == "pub"

    def tree(self, position, end, prefix):
        """Yields every path of a use tree with the name that it gets."""
        path, name = list(prefix), None
        while position < end:
            word = self.word(position)
            if word == "{":
                closing = self.closing(position)
                yield from self.tree(position + 1, closing, tuple(path))
                position, path, name = closing + 1, None, None
                continue
            if word == ",":
                if path:
                    yield from leaf(path, name)
                path, name = list(prefix), None
            elif word == "as":
                position += 1
                name = self.word(position)
            elif word != "::" and path is not None:
                path.append(word.removeprefix("r#"))
            position += 1
        if path and path != list(prefix):
            yield from leaf(path, name)

    def closing(self, position):
        """The position of the brace that closes the one here."""
        depth = 0
        for here in range(position, len(self.tokens)):
            depth += {"{": 1, "}": -1}.get(self.word(here), 0)
            if depth == 0:
                return here
        return len(self.tokens)

    def remember_code(self, module, start, end, cuts):
        """Keeps the words and paths of a body, less its imports and inner modules."""
        if start >= len(self.tokens):
            return
        first = self.tokens[start].start()
        last = self.tokens[min(end, len(self.tokens) - 1)].end()
        text = self.text[:last]
        for a, b in cuts:
            text = rust.blanked(text, a, b)
        module.words |= set(re.findall(r"\w+", text[first:]))
        for found in PATH.finditer(text, first):
            path = tuple(part.strip().lstrip("$") for part in found.group().split("::"))
            module.references.append(Reference(path, text.count("\n", 0, found.start()) + 1))


def leaf(path, name):
    """A path that ends: `self` names the module before it."""
    if path[-1] == "self" and len(path) > 1:
        path = path[:-1]
    yield tuple(path), name or path[-1]
