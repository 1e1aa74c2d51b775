"""Checkpoints with everything that a reader of pickles may meet."""

import torch
from safetensors.torch import save_file

from .files import save_legacy


def odd_tensors():
    """Everything that a checkpoint may hold and a plain model doesn't: views, dtypes, shared
    storages, scalars.
    """
    generator = torch.Generator().manual_seed(9)
    base = torch.randn(6, 5, generator=generator)
    tensors = type(torch.nn.Linear(1, 1).state_dict())()
    tensors["base"] = base
    tensors["shared"] = base
    tensors["transposed"] = base.t()
    tensors["slice"] = base[1:4, ::2]
    tensors["expanded"] = base[0].expand(3, 5)
    tensors["offset"] = base.view(-1)[7:19]
    tensors["parameter"] = torch.nn.Parameter(
        torch.randn(2, 3, 4, generator=generator).permute(2, 0, 1)
    )
    tensors["scalar"] = torch.tensor(1.5)
    tensors["empty"] = torch.empty(0, 7)
    for dtype in ("float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"):
        tensors[dtype] = (base * 10).abs().to(getattr(torch, dtype))
    tensors["bool"] = base > 0
    return tensors


def odd_checkpoints(folder):
    tensors = odd_tensors()
    progress = {
        "epoch": 3,
        "best": 0.25,
        "name": "odd",
        "done": True,
        "none": None,
        "sizes": [1, (2, 3)],
    }
    torch.save(progress | {"state_dict": tensors}, folder / "odd.bin")
    save_legacy({"model": tensors}, folder / "odd-legacy.bin")
    contiguous = {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}
    save_file(contiguous, folder / "odd.safetensors")
