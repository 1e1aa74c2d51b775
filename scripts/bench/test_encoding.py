"""The page of encoding's figures says nothing of noise where there was one round."""

import unittest

from encoding.page import documents, queries, start
from encoding.program import spread


class Noise(unittest.TestCase):
    """Figures to lines."""

    def test_one_figure_has_none(self):
        self.assertEqual(spread([3.0]), {"median": 3.0})
        self.assertEqual(spread([2.0, 3.0, 4.0]), {"median": 3.0, "noise": 2 / 3})

    def test_tables_have_the_column_only_with_it(self):
        for figures, head, row in [
            ([2.0], "| mode | ms |", "| fast | 2.00 |"),
            ([2.0, 3.0], "| mode | ms | noise |", "| fast | 2.50 | 40% |"),
        ]:
            lines = list(queries({"fast": spread(figures)}))[-3:]
            self.assertEqual([lines[0], lines[2]], [head, row])
            self.assertEqual(lines[1].count("|"), head.count("|"))
            lines = list(documents({"fast": {**spread(figures), "mebibytes": 9.0}}))[-3:]
            self.assertEqual(len({line.count("|") for line in lines}), 1)
            self.assertEqual("noise" in lines[0], len(figures) > 1)

    def test_the_start_says_it_only_with_it(self):
        for figures, said in [([2.0], "2 ms, 9 MiB"), ([2.0, 4.0], "3 ms (noise 67%), 9 MiB")]:
            lines = "".join(start({**spread(figures), "mebibytes": 9.0}))
            self.assertIn(said, lines)


if __name__ == "__main__":
    unittest.main()
