"""Virtual environments of programs that are measured, and the Python package as this tree builds
it.
"""

import os
import shutil
import subprocess
import sys

from results import ROOT


def run(*arguments, **options):
    """Runs a command, which has to succeed."""
    subprocess.run([str(argument) for argument in arguments], check=True, **options)


def environment(folder, requirements):
    """The Python of a virtual environment in `folder` with these packages; made anew where it has
    others.
    """
    python = folder / "bin/python"
    listed = folder / "requirements.txt"
    wanted = "\n".join(requirements) + "\n"
    if not listed.exists() or listed.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        run(sys.executable, "-m", "venv", folder)
        run(python, "-m", "pip", "install", "--quiet", *requirements)
        listed.write_text(wanted)
    return python


def package(folder):
    """The package in `folder`, with a module that is built for it."""
    crates = ["-p", "spork-python", "-p", "spork-cli", "--lib", "--bins", "--examples"]
    run("cargo", "build", "--release", "--locked", *crates, cwd=ROOT)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "python/spork_search", folder / "spork_search")
    module = folder / "spork_search/_spork.abi3.so"
    shutil.copy(ROOT / "target/release/lib_spork.so", module)


def variables(package_folder):
    """The variables under which an environment's Python finds that package."""
    return {**os.environ, "PYTHONPATH": str(package_folder), "PYTHONDONTWRITEBYTECODE": "1"}
