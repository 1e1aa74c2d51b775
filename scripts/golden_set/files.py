"""Writing files, and what a reader must find in a checkpoint."""

import json
import shutil

import torch

# The files that were committed before, by name.
COMMITTED = {}


def save_legacy(value, path):
    """The format of PyTorch before 1.6. It names storages by their addresses, so no two files are
    the same: the committed one stays if it holds the same tensors.
    """
    torch.save(value, path, _use_new_zipfile_serialization=False)
    committed = COMMITTED.get(path)
    if committed is not None:
        new = tensor_list(path)
        fresh_bytes = path.read_bytes()
        path.write_bytes(committed)
        if tensor_list(path) != new:
            path.write_bytes(fresh_bytes)


def write_json(path, value, indent=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False, sort_keys=False) + "\n")


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def fnv1a(data):
    """64-bit FNV-1a: a checksum that a test computes in three lines."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def tensor_list(path):
    """What a reader must find in a checkpoint: dtype, shape, a checksum of the row-major bytes."""
    state = torch.load(path, weights_only=True)
    state = state.get("state_dict", state.get("model", state))
    rows = []
    for name, tensor in state.items():
        data = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()
        dtype = str(tensor.dtype).removeprefix("torch.")
        rows.append(
            {"name": name, "dtype": dtype, "shape": list(tensor.shape), "fnv1a": fnv1a(data)}
        )
    return rows
