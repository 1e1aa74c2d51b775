"""Arrays and sparse matrices of numpy, scipy and torch."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ._errors import SporkValueError


def optional(module: str, package: str, purpose: str) -> Any:
    """A module of a package that need not be installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SporkValueError(f"{purpose} needs {package}; pip install {package}") from error


def is_sparse(value: Any) -> bool:
    """Whether a value is a sparse matrix of scipy or torch."""
    return is_torch(value) or (hasattr(value, "tocsr") and hasattr(value, "shape"))


def is_torch(value: Any) -> bool:
    """Whether a value is a tensor of torch. torch is not imported to find out."""
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "is_sparse")


def csr_parts(matrix: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The places of rows, the columns and the weights of a sparse matrix; of a scipy CSR matrix
    its own arrays, which are not copied."""
    if is_torch(matrix):
        tensor = matrix.detach().cpu()
        if tensor.layout == _torch().sparse_csr:
            arrays = tensor.crow_indices(), tensor.col_indices(), tensor.values()
            return tuple(_numbers(array) for array in arrays)  # type: ignore[return-value]
        # torch's own conversion to rows warns that it is new.
        tensor = (tensor if tensor.is_sparse else tensor.to_sparse()).coalesce()
        rows, columns = (_numbers(array) for array in tensor.indices())
        places = np.searchsorted(rows, np.arange(tensor.shape[0] + 1))
        return places, columns, _numbers(tensor.values())
    if not is_sparse(matrix):
        raise SporkValueError(
            f"{type(matrix).__name__}: expected a sparse matrix of scipy or torch"
        )
    rows = matrix.tocsr()
    return _plain(rows.indptr), _plain(rows.indices), _plain(rows.data)


def _torch() -> Any:
    return importlib.import_module("torch")


def _numbers(tensor: Any) -> np.ndarray:
    if str(tensor.dtype) == "torch.bfloat16":
        tensor = tensor.float()
    return _plain(tensor.numpy())


def _plain(array: Any) -> np.ndarray:
    """An array of one axis that lies in memory as its numbers follow."""
    array = np.ascontiguousarray(array)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def pair(indices: Any, values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Columns and weights as arrays."""
    columns = np.ascontiguousarray(indices)
    if columns.size == 0:
        columns = columns.astype(np.int64)
    weights = np.ascontiguousarray(values)
    if weights.size == 0:
        weights = weights.astype(np.float32)
    return columns, weights
