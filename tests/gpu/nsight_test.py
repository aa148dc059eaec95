#!/usr/bin/env python3
"""The comparisons with Nsight Compute, without one: beside pages that are made of recorded profiles, right and wrong. Needs no GPU."""
import copy
import csv
import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import ncu_agreement
import ncu_source_agreement as source
import nsight

RECORDINGS = ROOT / "presets" / "recordings" / "h200"
FUSELINE = pathlib.Path(os.environ["FUSELINE_BIN_DIR"]) / "fuseline"
COLUMN_OF = {reason: "stall_" + column for column, reason in source.REASONS.items()}


def best_profile(path, folder):
    """As `fuseline profile --source` says it of the best of a recording."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as file:
        recording = json.load(file)
    variant, parameters = nsight.fastest_of(recording)[0]
    run = recording["metadata"]["fuseline"]
    chosen = nsight.arguments(run["problem"], run["dtype"], variant, parameters)
    chosen[chosen.index("cuda:0")] = f"replay:{path}"
    if run.get("shape"):
        chosen += ["--shape", run["shape"]]
    return nsight.profiled(FUSELINE, chosen, ["--source"], folder)


def page_of(profile, change=lambda row: None):
    """The source page as Nsight Compute prints it, of the same kernel."""
    columns = ["Address", "Source", source.EXECUTED, *dict.fromkeys(COLUMN_OF.values())]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for each in profile["source_profile"]["instructions"]:
        row = {"Address": hex(0x7F5A4C000000 + each["offset"]), "Source": each["text"], source.EXECUTED: f"{each.get('metrics', {}).get('inst_executed', 0):.0f}"}
        row.update({column: each.get("samples", {}).get(reason, 0) for reason, column in COLUMN_OF.items()})
        change(row)
        writer.writerow(row)
    return '"Kernel Name","whatever is before"\n' + text.getvalue()


def figures(profile, **changed):
    rows = source.rows_of(page_of(profile, **changed))
    return {figure: (ours, theirs, agrees) for figure, ours, theirs, _, agrees in source.compared(*source.figures_of(profile, rows))}


class Source(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.profile = best_profile(next(RECORDINGS.glob("softmax_bias_scale_sigmoid.f32.*")), pathlib.Path(folder))

    def disagreeing(self, **changed):
        return [figure for figure, (_, _, agrees) in figures(self.profile, **changed).items() if not agrees]

    def test_the_same_profile_agrees_with_itself_and_all_classes_are_those_of_the_reference(self):
        for path in sorted(RECORDINGS.glob("*_backward.f16.*")) + sorted(RECORDINGS.glob("*avgpool_gelu.f16.*")):
            with self.subTest(path.name), tempfile.TemporaryDirectory() as folder:
                found = figures(best_profile(path, pathlib.Path(folder)))
                self.assertEqual([figure for figure, (_, _, agrees) in found.items() if not agrees], [])
                for part in ("line `", "stall ", "hottest lines", "executed class global memory", "executed LDG" if "executed LDG" in found else "executed "):
                    self.assertTrue(any(figure.startswith(part) for figure in found), part)

    def test_executed_instructions_that_differ_by_more_than_one_percent_do_not_agree(self):
        def scaled(by):
            def change(row):
                if row["Source"].split()[0].startswith("FFMA"):
                    row[source.EXECUTED] = f"{float(row[source.EXECUTED]) * by:.0f}"

            return change

        self.assertEqual(self.disagreeing(change=scaled(1.005)), [])
        self.assertEqual(self.disagreeing(change=scaled(1.02)), ["executed FFMA"], "a small part of its class")
        self.assertEqual(self.disagreeing(change=scaled(1.2)), ["executed class FP32", "executed FFMA"])

    def test_samples_that_move_to_another_reason_do_not_agree(self):
        def change(row):
            row["stall_wait"], row["stall_long_sb"] = row["stall_long_sb"], row["stall_wait"]

        self.assertIn("stall long_scoreboard", self.disagreeing(change=change))

    def test_what_is_no_number_is_refused_with_its_place(self):
        for wrong in ("nan", "n/a", "", "inf"):
            for column in (source.EXECUTED, "stall_wait"):
                with self.subTest(wrong=wrong, column=column), self.assertRaisesRegex(nsight.Refused, f"{column} at 0x0 is '{wrong}', which is no number"):
                    figures(self.profile, change=lambda row, wrong=wrong, column=column: row.update({column: wrong}))
        uncounted = copy.deepcopy(self.profile)
        counted = next(each for each in uncounted["source_profile"]["instructions"] if each.get("metrics", {}).get("inst_executed"))
        page = page_of(uncounted)
        del counted["metrics"]["inst_executed"]
        with self.assertRaisesRegex(nsight.Refused, f"fuseline's inst_executed at {counted['offset']:#x} is None"):
            source.figures_of(uncounted, source.rows_of(page))

    def test_a_page_without_a_table_or_samples_is_refused(self):
        with self.assertRaisesRegex(nsight.Refused, "no table; its last line: ==ERROR== no kernels"):
            source.rows_of("==PROF== connected\n==ERROR== no kernels\n")
        empty = dict.fromkeys(COLUMN_OF.values(), 0)
        with self.assertRaisesRegex(nsight.Refused, "Nsight Compute has 0 samples"):
            figures(self.profile, change=lambda row: row.update(empty))

    def test_the_best_and_the_given_mapping_are_looked_at(self):
        recording = json.loads(next(RECORDINGS.glob("layernorm_gelu_scale.f32.*")).read_text())
        found = source.best_and_given(nsight.fastest_of(recording), source.GIVEN["layernorm_gelu_scale"], "layernorm_gelu_scale")
        self.assertEqual([variant for variant, _ in found], ["row_group", "row_per_block"])
        self.assertEqual(found[1][1], {"block": 128, "gelu": "erf"})
        with self.assertRaisesRegex(SystemExit, "layernorm_gelu_scale:none: no configuration of none works; there are row_group"):
            source.best_and_given(nsight.fastest_of(recording), "none", "layernorm_gelu_scale:none")


class Counters(unittest.TestCase):
    def page(self, values):
        names = ncu_agreement.PERCENT + ncu_agreement.RELATIVE
        rows = [["ID", "Kernel Name", *names], ["", "", *[""] * len(names)]]
        rows += [[str(place), "kernel", *[f"{value:,.2f}" for value in values]] for place in range(3)]
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
        return "==PROF== connected\n" + text.getvalue()

    def test_medians_are_compared_and_a_missing_metric_does_not_agree(self):
        values = [50.0 + place if name in ncu_agreement.PERCENT else 1e8 + place for place, name in enumerate(ncu_agreement.PERCENT + ncu_agreement.RELATIVE)]
        reference = ncu_agreement.medians(self.page(values))
        mine = dict(zip(ncu_agreement.PERCENT + ncu_agreement.RELATIVE, values))
        self.assertTrue(all(each[4] for each in ncu_agreement.compared(mine, reference)))
        mine["dram__bytes_read.sum"] *= 1.03
        mine["sm__throughput.avg.pct_of_peak_sustained_elapsed"] += 2.1
        del mine["lts__t_bytes.sum"]
        self.assertEqual({each[0] for each in ncu_agreement.compared(mine, reference) if not each[4]},
                         {"dram__bytes_read.sum", "sm__throughput.avg.pct_of_peak_sustained_elapsed", "lts__t_bytes.sum"})

    def test_a_reading_that_is_no_number_is_refused(self):
        with self.assertRaisesRegex(nsight.Refused, "sm__throughput.avg.pct_of_peak_sustained_elapsed is 'nan'"):
            ncu_agreement.medians(self.page([float("nan")] * 16))


class Commands(unittest.TestCase):
    def test_without_an_installed_tree_both_say_so(self):
        for script in ("ncu_agreement.py", "ncu_source_agreement.py"):
            done = subprocess.run([sys.executable, HERE / script, "/nowhere"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("/nowhere/bin/fuseline is missing", done.stderr)


if __name__ == "__main__":
    unittest.main()
