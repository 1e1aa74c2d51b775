"""The table of scripts/bench/peers: figures by hand, and nothing wrong or missing goes unsaid."""

import json
import unittest

from engines import DEPTHS, best_settings, own, picture, table


def engine(name, exact=True, **figure):
    rounds = [{"us": [1.0, 2.0, 3.0, 10.0]} | figure] * 3
    depths = {k: [table.figures(rounds) | {"setting": {}}] for k in DEPTHS}
    return {
        "name": name,
        "version": "1.2",
        "exact": exact,
        "bytes": 5_000_000,
        "memory": 6_000_000,
        "build_s": 7.0,
        "depths": depths,
    }


def result(*engines):
    machine = {"processor": "P", "cores": 2, "system": "linux", "instructions": "scalar"}
    facts = {
        "documents": 5000,
        "queries": 4,
        "collection": "seed 1",
        "rounds": 3,
        "load": 1.5,
        "program": "spork 0",
        "commit": "abc",
    }
    return facts | {"machine": machine, "engines": list(engines)}


class Table(unittest.TestCase):
    def test_figures_are_medians_over_rounds(self):
        rounds = [
            {"us": [1.0, 3.0], "recall": 0.9},
            {"us": [4.0, 8.0], "differing": 2},
            {"us": [2.0, 4.0]},
        ]
        figures = table.figures(rounds)
        self.assertEqual(
            (figures["mean_us"], figures["p50_us"], figures["p99_us"]), (3.0, 2.0, 4.0)
        )
        self.assertAlmostEqual(figures["noise"], 4 / 3)
        self.assertEqual((figures["recall"], figures["differing"]), (0.9, 2))

    def test_what_is_wrong_and_missing_is_said(self):
        text = table.markdown(
            result(
                engine("spork"),
                engine("liar", differing=3, recall=0.5),
                engine("rough", exact=False, differing=3, recall=0.75),
                {"name": "absent", "missing": "no wheel"},
            )
        )
        for words in [
            "| spork 1.2 |",
            "WRONG in 3 of 4",
            "recall 0.750",
            "| absent | missing: no wheel |",
        ]:
            self.assertEqual(text.count(words), len(DEPTHS), words)
        widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
        self.assertEqual(widths, {len(table.COLUMNS) + 1})

    def test_points_of_the_picture_are_what_was_measured(self):
        missing = {"name": "absent", "missing": "no wheel"}
        loose = engine("spork", exact=False)
        engines = engine("rough", exact=False), loose, engine("spork"), missing
        text = picture.points(result(*engines))
        self.assertEqual(text, picture.points(json.loads(json.dumps(result(*engines)))))
        head, *rows = [line.split("\t") for line in text.splitlines()]
        times = ["k = 10, ms, by logarithm", "k = 1000, ms, by logarithm"]
        self.assertEqual(head, ["engine", "index, MB", *times])
        self.assertEqual([row[0] for row in rows], ["spork", "rough, not exact"])
        self.assertEqual(rows[0][1:], ["5.0", "0.0040", "0.0040"])


class Settings(unittest.TestCase):
    def test_the_fastest_that_reaches_each_recall(self):
        tried = [(0.97, 1.0, "low"), (0.985, 3.0, "slow"), (0.981, 2.0, "enough")]
        tried.append((1.0, 9.0, "all"))
        self.assertEqual(best_settings(tried), ["enough", "all"])
        self.assertEqual(best_settings(tried[:1]), ["low"])
        # Nothing has .99: the most that there is, once.
        self.assertEqual(best_settings(tried[:2]), ["slow"])


class Scores(unittest.TestCase):
    def test_a_unit_is_no_difference_and_all_else_is(self):
        self.assertTrue(own.same_but_for_a_unit([5.0, 2.5], [1000, 500]))
        self.assertTrue(own.same_but_for_a_unit([], []))
        for wrong in ([5.0, 2.51], [5.0], [], [2.5, 5.0]):
            self.assertFalse(own.same_but_for_a_unit(wrong, [1000, 500]), wrong)


if __name__ == "__main__":
    unittest.main()
