"""Who imports from whom: edges from file to file within a Rust target.

What counts, and what does not:

- a `use` of something that another file defines is an edge to that file, also when the path goes
  through a module that only passes the name on (`pub use`);
- passing a name on is itself no edge, unless the module also uses the name in its own code. So a
  module may declare its children and re-export what they have, and they may import from it;
- a child that uses what its parent defines is an edge to the parent. If the parent's code also
  uses what that child defines, neither can be read without the other: that is a cycle, and what
  both need belongs in a file of its own;
- importing a module is no edge; what is then named through it is;
- code under `#[cfg(test)]` does not count: a unit test may use whatever it wants.

Methods are not followed: calling one is no edge, importing its trait or type is.
"""

from typing import NamedTuple

from .modules import Item, Module


class Edge(NamedTuple):
    """One file uses another: where, and by which path."""

    source: str
    target: str
    line: int
    path: str


def edges(root):
    """Yields the edges between different files below a target's root module."""
    for module in root.all():
        for path, line in used_paths(module):
            target = defining_file(module, path)
            if target is not None and target != module.file:
                yield Edge(str(module.file), str(target), line, "::".join(path))


def used_paths(module):
    """The paths that a module uses, with their lines."""
    for one in module.imports:
        is_glob = one.path[-1] == "*"
        if not one.is_public or (not is_glob and one.name in module.words):
            yield one.path, one.line
    yield from module.references


def defining_file(module, path):
    """The file that defines what a path names; none for other crates and for modules as such."""
    is_glob = path[-1] == "*"
    found = resolve(module, path[:-1] if is_glob else path, frozenset())
    if isinstance(found, Item):
        return found.file
    return found.file if is_glob and found is not None else None


def resolve(module, path, seen):
    """The item or module that a path names from inside a module; none outside of the target."""
    first, *rest = path
    current = {"crate": module.root(), "self": module, "super": module.parent}.get(first)
    if current is None:
        current = lookup(module, first, seen, is_last=not rest)
    for number, segment in enumerate(rest, start=1):
        if not isinstance(current, Module):
            return current
        if segment == "super":
            current = current.parent
        elif segment != "self":
            # A name that nothing here declares is made by a macro: it belongs to the module.
            found = lookup(current, segment, seen, is_last=number == len(rest))
            current = found or Item(current.file, segment)
    return current


def lookup(module, name, seen, is_last=False):
    """What a name means in a module: a child, an item, or something imported; or none.

    A function may have the name of a module: at the end of a path the function is meant.
    """
    child = module.children.get(name)
    if child is not None and not is_last:
        return child
    if name in module.items:
        return Item(module.file, name)
    for one in module.imports:
        key = (id(module), one)
        if key in seen:
            continue
        found = through_import(module, one, name, seen | {key})
        if found is not None:
            return found
    return child


def through_import(module, one, name, seen):
    """What a name means by one import of a module; none if the import does not bring it."""
    if one.name == name:
        return resolve(module, one.path, seen)
    if one.path[-1] == "*":
        target = resolve(module, one.path[:-1], seen)
        if isinstance(target, Module) and target is not module:
            return lookup(target, name, seen, is_last=True)
    return None
