"""scripts/model/silence.py: what half of all queries get is silenced, and nothing else changes."""

import json
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).with_name("silence.py")
VOCABULARY = ["[PAD]", "the", "olive", "cat"]


def write_model(folder, kind, code, biases):
    header = {
        "other": {"dtype": kind, "shape": [2], "data_offsets": [0, 2 * struct.calcsize(code)]},
        "cls.predictions.bias": {
            "dtype": kind,
            "shape": [len(biases)],
            "data_offsets": [2 * struct.calcsize(code), (2 + len(biases)) * struct.calcsize(code)],
        },
    }
    text = json.dumps(header).encode()
    numbers = struct.pack(f"<{2 + len(biases)}{code}", 7.0, 8.0, *biases)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + numbers)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")


def read_numbers(folder, code, count):
    return struct.unpack(
        f"<{count}{code}",
        (folder / "model.safetensors").read_bytes()[-count * struct.calcsize(code) :],
    )


class Silence(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        vectors = [
            {"olive": 1.0, "cat": 2.0},
            {"olive": 0.5},
            {"the": 1.0, "olive": 1.0},
            {"cat": 1.0},
        ]
        lines = "".join(
            json.dumps({"id": str(i), "vector": vector}) + "\n" for i, vector in enumerate(vectors)
        )
        (self.folder / "queries.jsonl").write_text(lines)

    def silence(self, *more):
        command = [
            sys.executable,
            SCRIPT,
            "--model",
            self.folder,
            "--vectors",
            self.folder / "queries.jsonl",
            *more,
        ]
        return subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, check=False
        )

    def test_only_the_frequent_term_changes(self):
        for kind, code in (("F16", "e"), ("F32", "f")):
            write_model(self.folder, kind, code, [0.5, -1.0, 2.0, 0.25])
            done = self.silence()
            self.assertEqual((done.returncode, done.stdout), (0, "silence: olive\n"))
            # A half-precision float near -10000 is a multiple of 8: it is exact.
            self.assertEqual(
                read_numbers(self.folder, code, 6), (7.0, 8.0, 0.5, -1.0, -10000.0, 0.25)
            )

    def test_exactly_half_is_not_more_than_half(self):
        write_model(self.folder, "F32", "f", [0.0, 0.0, 0.0, 0.0])
        self.assertEqual(self.silence("--share", "0.75").stdout, "")
        self.assertEqual(self.silence("--share", "0.4").stdout, "silence: cat\nsilence: olive\n")

    def test_another_model_is_refused(self):
        write_model(self.folder, "F32", "f", [0.0, 0.0])
        done = self.silence()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("expected cls.predictions.bias, 4 numbers", done.stderr)


if __name__ == "__main__":
    unittest.main()
