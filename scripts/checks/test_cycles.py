"""Tests of check-cycles, on two small workspaces: one without cycles and one with three."""

import contextlib
import io
import unittest
from pathlib import Path

from . import cycles, rust

FIXTURES = Path(__file__).parent / "fixtures/cycles"


def run(name):
    """The exit code for a fixture, and what is printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = cycles.main([str(FIXTURES / name)])
    return code, printed.getvalue().splitlines()


class Cycles(unittest.TestCase):
    """The program as a whole."""

    def test_a_workspace_without_cycles_passes(self):
        code, lines = run("clean")
        self.assertEqual(
            lines, ["check-cycles: 2 crates, 6 files; cycles among crates: 0, among files: 0"]
        )
        self.assertEqual(code, 0)

    def test_cycles_are_found_and_named(self):
        code, lines = run("cyclic")
        source = "upper/src"
        self.assertEqual(
            lines,
            [
                f"check-cycles: 2 files import each other: {source}/area.rs, {source}/draw.rs",
                f"  {source}/area.rs:1 uses {source}/draw.rs (crate::draw)",
                f"  {source}/draw.rs:4 uses {source}/area.rs (crate::area)",
                (
                    f"check-cycles: 2 files import each other: {source}/shapes/circle.rs, "
                    f"{source}/shapes/mod.rs"
                ),
                f"  {source}/shapes/circle.rs:1 uses {source}/shapes/mod.rs (super::Shape)",
                f"  {source}/shapes/mod.rs:5 uses {source}/shapes/circle.rs (circle::Circle)",
                "check-cycles: 2 crates import each other: lower, upper",
                "  lower uses upper (dev-dependencies of lower/Cargo.toml)",
                "  upper uses lower (dependencies of upper/Cargo.toml)",
                "check-cycles: 2 crates, 6 files; cycles among crates: 1, among files: 2",
            ],
        )
        self.assertEqual(code, 1)

    def test_components_are_whole(self):
        graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
        self.assertEqual(cycles.components(graph), [["a", "b", "c"], ["d", "e"]])


class Rust(unittest.TestCase):
    """What is code and what is not."""

    def test_comments_and_strings_are_blanked(self):
        text = "a /* b /* c */ d */ e \"f \\\" g\" h r#\"i \" j\"# k // l\nm 'n' '\\'' <'o> p"
        self.assertEqual(rust.code(text).split(), ["a", "e", "h", "k", "m", "<'o>", "p"])

    def test_code_under_cfg_test_is_left_out(self):
        text = "a; #[cfg(test)] use b::{c, d}; e; #[cfg(test)] #[x] mod f { g { } } h "
        text += "#[cfg(not(test))] i"
        self.assertEqual(
            rust.without_tests(text).split(), ["a;", "e;", "h", "#[cfg(not(test))]", "i"]
        )


if __name__ == "__main__":
    unittest.main()
