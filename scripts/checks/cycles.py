"""Finds cycles: files of a Rust target that import each other, and crates that need each other.

    scripts/check-cycles [ROOT]

ROOT is a cargo workspace, by default this repository. Every target of every member is read. A crate
needs another if its Cargo.toml says so, for whatever purpose (cargo itself lets tests make cycles).
Exit code 1: a cycle was found, and is printed with the lines that make it. What counts as an import
is told in scripts/checks/imports.py.
"""

import sys
import tomllib
from pathlib import Path

from .imports import Edge, edges
from .modules import read_target

ROOT = Path(__file__).resolve().parents[2]
DEPENDENCIES = ("dependencies", "dev-dependencies", "build-dependencies")


def components(graph):
    """The sets of nodes that can reach each other, of two nodes and more (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for after in sorted(graph.get(node, ())):
            if after not in index:
                visit(after)
                low[node] = min(low[node], low[after])
            elif after in stack:
                low[node] = min(low[node], index[after])
        if low[node] == index[node]:
            cut = stack.index(node)
            if len(stack) - cut > 1:
                found.append(sorted(stack[cut:]))
            del stack[cut:]

    sys.setrecursionlimit(10_000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(found)


def cycles(all_edges):
    """Every cycle as its nodes and, for each pair of them, the first edge."""
    graph, first = {}, {}
    for edge in all_edges:
        graph.setdefault(edge.source, set()).add(edge.target)
        first.setdefault((edge.source, edge.target), edge)
    for nodes in components(graph):
        yield nodes, [edge for pair, edge in sorted(first.items()) if {*pair} <= {*nodes}]


def read_manifest(folder):
    """A Cargo.toml as a dictionary."""
    return tomllib.loads((folder / "Cargo.toml").read_text(encoding="utf-8"))


def members(root):
    """The folders of a workspace's members."""
    for pattern in read_manifest(root)["workspace"]["members"]:
        yield from sorted(path.parent for path in root.glob(f"{pattern}/Cargo.toml"))


def targets(folder):
    """The root files of a package's targets: those cargo finds, and those its manifest names."""
    manifest = read_manifest(folder)
    named = [manifest.get("lib", {})]
    for kind in ("bin", "test", "example", "bench"):
        named += manifest.get(kind, [])
    files = {(folder / one["path"]).resolve() for one in named if "path" in one}
    patterns = ["src/lib.rs", "src/main.rs", "build.rs"]
    for place in ("src/bin", "tests", "examples", "benches"):
        patterns += [f"{place}/*.rs", f"{place}/*/main.rs"]
    for pattern in patterns:
        files |= {file.resolve() for file in folder.glob(pattern)}
    return sorted(files)


def crate_edges(root, folders):
    """Which member needs which, by name."""
    manifests = {folder: read_manifest(folder) for folder in folders}
    ours = {manifest["package"]["name"] for manifest in manifests.values()}
    for folder, manifest in manifests.items():
        path = str((folder / "Cargo.toml").relative_to(root))
        tables = [manifest, *manifest.get("target", {}).values()]
        for kind in DEPENDENCIES:
            for name in {name for table in tables for name in table.get(kind, {})} & ours:
                yield Edge(manifest["package"]["name"], name, 0, f"{kind} of {path}")


def report(nodes, inside, what):
    """Prints one cycle."""
    print(f"check-cycles: {len(nodes)} {what} import each other: {', '.join(nodes)}")
    for edge in inside:
        place = f"{edge.source}:{edge.line}" if edge.line else edge.source
        print(f"  {place} uses {edge.target} ({edge.path})")


def main(arguments):
    """The program; returns its exit code."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root = Path(arguments[0] if arguments else ROOT).resolve()
    folders = list(members(root))
    roots = sorted({file for folder in folders for file in targets(folder)})
    modules = [read_target(file) for file in roots]
    files = {module.file for tree in modules for module in tree.all()}
    of_files = set()
    for tree in modules:
        for edge in edges(tree):
            source, target = (
                str(Path(name).relative_to(root)) for name in (edge.source, edge.target)
            )
            of_files.add(edge._replace(source=source, target=target))
    among_files = list(cycles(sorted(of_files)))
    among_crates = list(cycles(sorted(crate_edges(root, folders))))
    for found, what in ((among_files, "files"), (among_crates, "crates")):
        for nodes, inside in found:
            report(nodes, inside, what)
    print(
        f"check-cycles: {len(folders)} crates, {len(files)} files; "
        f"cycles among crates: {len(among_crates)}, among files: {len(among_files)}"
    )
    return 1 if among_files or among_crates else 0
