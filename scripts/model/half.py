#!/usr/bin/env python3
"""Weights in half the space: a .safetensors file with its float32 tensors as float16.

scripts/model/half.py model.safetensors half.safetensors
"""

import json
import struct
import sys
from array import array

AT_A_TIME = 1 << 20


def half(values):
    """float16 bytes of an array of floats."""
    parts = (values[start : start + AT_A_TIME] for start in range(0, len(values), AT_A_TIME))
    return b"".join(struct.pack(f"<{len(part)}e", *part) for part in parts)


def convert(source, target):
    length = int.from_bytes(source.read(8), "little")
    header = json.loads(source.read(length))
    metadata = header.pop("__metadata__", None)
    entries, bodies, end = {}, [], 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = entry["data_offsets"]
        body = source.read(stop - start)
        if entry["dtype"] == "F32":
            values = array("f")
            values.frombytes(body)
            if sys.byteorder == "big":
                values.byteswap()
            entry, body = {**entry, "dtype": "F16"}, half(values)
        entries[name] = {**entry, "data_offsets": [end, end + len(body)]}
        bodies.append(body)
        end += len(body)
    if metadata:
        entries["__metadata__"] = metadata
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    target.write(len(text).to_bytes(8, "little") + text)
    for body in bodies:
        target.write(body)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
        convert(source, target)


if __name__ == "__main__":
    main()
