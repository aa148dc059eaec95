#!/usr/bin/env python3
"""Whether a further term would make projections better: the model of tuner/device/projection with and without it.

  projection_terms.py FROM TO

FROM, TO: folders of recordings (T4, gzip or not) of an H200 and an H100, with counters. Problems that both have are
compared, in both directions, by the rule of tests/tuner/formats/projection_errors_test.cpp: every problem is projected
with what was fitted without it. The first line is that test's, in a model written again here, so that a term is tried
in seconds; it agrees with the test's to 0.1 points. Each line: what is fitted without each problem, the loss of all,
and errors in percent. Python's standard library is enough.

Terms. All but those marked (measured) have a weight that is fitted with the model's own two numbers.
"""
import argparse
import itertools
import json
import math
import pathlib
import statistics

import projection

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMS, QUARTER_REGISTERS, SHARED_BYTES = 132, 16384, 233472  # Of both.
NORM, PHASES, PHASES_POWER, LAUNCH_MS = 3, 3, 4, 0.002
SLOTS = [each / 100 for each in range(45, 66, 2)]
POWERS = [each / 100 for each in range(40, 85, 4)]
WEIGHTS = (-0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2)
LEFT_DIRTY_MS = 0.0058  # By how much longer than on the H200 a time on the H100 is beside its counted duration: the first line printed.


def reachable(copy, read, share):
    """reachable_gbps() of tuner/device/roofline."""
    beyond = min(max(2 * share - 1, 0), 1)
    return 1 / ((1 - beyond) / copy + beyond / read) if read > copy else copy


def resident(threads, registers, shared):
    """Blocks on an SM, as tuner/device/residency has it for compute capability 9.0."""
    warps = -(-threads // 32)
    most = min(64 // warps, 32, SHARED_BYTES // (-(-(shared + 1024) // 128) * 128))
    if registers > 0:
        most = min(most, QUARTER_REGISTERS // (-(-registers * 32 // 256) * 256) * 4 // warps)
    return most


def readings(path):
    """Key of a configuration -> its result, counters by name and comparable time; and what the run says of itself."""
    document = projection.read_t4(path)
    info = document["metadata"]["fuseline"]
    times = projection.times_of(document)
    found = {}
    for result in document["results"]:
        key = projection.key_of(result["configuration"])
        if key in times:
            counters = {each["name"]: each["value"] for each in result["measurements"]}
            found[key] = {"result": result, "counters": counters, "ms": times[key][0], "first": False}
    finals = {each["sequence"] for each in info.get("finals") or []}
    order = sorted(found.values(), key=lambda each: (each["result"]["fuseline"]["sequence"] not in finals, each["ms"]))
    if order:
        order[0]["first"] = True
    return found, info


class Case:
    """One configuration, from one device to the other."""

    def __init__(self, problem, source, target, rates, shape):
        counters = source["counters"]
        self.problem, self.ms, self.measured_ms, self.best = problem, source["ms"], target["ms"], source["first"]
        self.rates = rates
        self.dram = sum(counters[name] for name in projection.DRAM)
        self.read_share = counters[projection.DRAM[0]] / self.dram
        self.__dict__.update(shape)

    def parts(self, slots, gbps):
        """Fixed and moving ms; DRAM's share; and to the power of the norm: DRAM, SMs, put down to DRAM, waiting."""
        fixed = min(LAUNCH_MS * max(self.launches, 1), self.ms / 2)
        moving = self.ms - fixed
        cycles = SMS * self.rates["mhz"] * 1e3
        dram = min(1, self.dram / gbps / 1e6 / moving)
        left = 1 - dram**NORM
        busy = 0
        for share in (self.instructions / (4 * cycles) / moving / slots, self.special * 2 / cycles / moving, self.shared_busy):
            taken = min(min(share, 1) ** NORM, left)
            busy, left = busy + taken, left - taken
        meets = self.shared_bytes > 0 and self.blocks / (self.resident * SMS) > 1
        memory = left / (1 + (PHASES / self.resident) ** PHASES_POWER) if meets else 0
        return fixed, moving, dram, dram**NORM, busy, memory, left - memory


def shape_of(reading):
    """What both directions take from the H200's recording."""
    counters, measurement = reading["counters"], reading["result"]["fuseline"]["measurement"]
    launch = measurement["launches"][measurement.get("shown_launch", 0)]
    facts = measurement["facts"]
    moved = sum(counters[name] for name in projection.DRAM)
    shared = launch["shared_bytes"] + facts["static_shared_bytes"]
    threads = math.prod(launch["block"])
    return {
        "launches": len(measurement["launches"]), "blocks": math.prod(launch["grid"]), "shared_bytes": shared,
        "resident": resident(threads, facts["registers"], shared),
        "instructions": counters.get("smsp__inst_executed.sum", 0),
        "special": counters.get("sm__inst_executed_pipe_xu.sum", 0),
        "shared_busy": counters.get("l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed", 0) / 100,
        "l2_a_byte": counters["lts__t_bytes.sum"] / moved - 1.53,  # A copy's.
        "l2_hits": counters["lts__t_sector_hit_rate.pct"] / 100 - 0.5,
        "warps": counters["sm__warps_active.avg.pct_of_peak_sustained_active"] / 100,
    }


def both_ways(source, target):
    """Cases of each direction, and by how much longer than their own counted duration the times near a copy are."""
    sheets = [json.loads((ROOT / f"presets/devices/{name}.json").read_text()) for name in ("h200", "h100_sxm")]
    there = {projection.name_of(path): path for path in sorted(target.glob("*.t4.json*"))}
    forth, back, left = [], [], []
    for path in sorted(source.glob("*.t4.json*")):
        name = projection.name_of(path)
        if name not in there:
            continue
        (mine, info), (theirs, other) = readings(path), readings(there[name])
        ceilings, others = info["device"]["ceilings"], other["device"]["ceilings"]
        pairs = []
        for key in mine.keys() & theirs.keys():
            if all(name in each[key]["counters"] for name in projection.DRAM for each in (mine, theirs)):
                pairs.append((mine[key], theirs[key]))
        fastest = min(pairs, key=lambda pair: pair[1]["ms"])[1]
        for reading, measured in pairs:
            shape = shape_of(reading)
            clocks = reading["result"]["fuseline"]["measurement"].get("clocks") or info["clocks"]
            forth.append(Case(name.split(".")[0], reading, measured, {
                "copy": info["copy_gbps"], "read": ceilings["read_gbps"], "l2": ceilings["l2_gbps"], "mhz": clocks["sm_mhz"],
                "to_copy": sheets[1]["copy_gbps"], "to_read": others["read_gbps"], "to_l2": sheets[1]["l2_gbps"],
                "to_mhz": sheets[1]["sm_mhz"]}, shape))
            back.append(Case(name.split(".")[0], {**measured, "first": measured is fastest}, reading, {
                "copy": sheets[1]["copy_gbps"], "read": others["read_gbps"], "l2": sheets[1]["l2_gbps"],
                "mhz": sheets[1]["sm_mhz"], "to_copy": sheets[0]["copy_gbps"], "to_read": ceilings["read_gbps"],
                "to_l2": sheets[0]["l2_gbps"], "to_mhz": sheets[0]["sm_mhz"]}, shape))
            if forth[-1].dram / info["copy_gbps"] / 1e6 / reading["ms"] > 0.85:
                left.append([each["ms"] - each["counters"]["gpu__time_duration.sum"] / 1e6 for each in (reading, measured)])
    return forth, back, left


class Term:
    """A change to the model: `slows` is what makes DRAM slower on the H100 than a copy says, by a fitted weight."""

    def __init__(self, name, slows=None, mixed=False, queueing=False, dirty_ms=0.0):
        self.name, self.slows, self.mixed, self.queueing, self.dirty_ms = name, slows, mixed, queueing, dirty_ms
        self.weights = WEIGHTS if slows else (0,)

    def rates(self, case):
        rates = case.rates
        if not self.mixed:
            return rates["copy"], rates["to_copy"]
        return (reachable(rates["copy"], rates["read"], case.read_share),
                reachable(rates["to_copy"], rates["to_read"], case.read_share))

    def error(self, case, parts, power, weight, back):
        """Logarithm of the projected time over the measured one."""
        fixed, moving, share, dram, busy, memory, waiting = parts
        here, there = self.rates(case)
        rates = case.rates
        moved = here / there
        if self.slows:
            moved *= max(0.7, 1 + weight * self.slows(case)) ** (-1 if back else 1)
        wait = 1 + (moved - 1) * share ** (5 * power) if self.queueing else (rates["l2"] / rates["to_l2"]) ** power
        total = (dram + memory) * moved**NORM + busy * (rates["mhz"] / rates["to_mhz"]) ** NORM + waiting * wait**NORM
        measured = case.measured_ms if back else case.measured_ms - self.dirty_ms
        return math.log((moving * total ** (1 / NORM) + fixed) / measured)


def try_term(term, directions):
    errors, losses = {}, {}
    for slots in SLOTS:
        prepared = [[(case, case.parts(slots, term.rates(case)[0])) for case in cases] for cases in directions]
        for power, weight in itertools.product(POWERS, term.weights):
            key = (slots, power, weight)
            errors[key] = [[term.error(case, parts, power, weight, bool(way)) for case, parts in cases]
                           for way, cases in enumerate(prepared)]
            problems = losses.setdefault(key, {})
            for case, error in zip(itertools.chain(*directions), itertools.chain(*errors[key])):
                part = problems.setdefault(case.problem, [0, 0])
                part[0] += math.sqrt(error * error + 1e-4)
                part[1] += 1

    def loss(key, without):
        parts = [part for problem, part in losses[key].items() if problem != without]
        return sum(part[0] / math.sqrt(part[1]) for part in parts) / sum(math.sqrt(part[1]) for part in parts)

    names = sorted({case.problem for case in directions[0]})
    fitted = {name: min(losses, key=lambda key, name=name: loss(key, name)) for name in [*names, ""]}
    text = f"{term.name:46} loss {loss(fitted[''], ''):.5f}"
    for way, cases in enumerate(directions):
        found = [abs(math.expm1(errors[fitted[case.problem]][way][i])) for i, case in enumerate(cases)]
        median, mean, ninety = projection.summary(found)
        best = 100 * statistics.fmean(each for each, case in zip(found, cases) if case.best)
        text += f" | {median:5.2f} {mean:5.2f} {ninety:6.2f} {best:5.2f}"
    print(text + "  " + " ".join(f"{100 * slots:.0f}/{100 * power:.0f}/{weight:g}" for slots, power, weight in fitted.values()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, metavar="FROM")
    parser.add_argument("target", type=pathlib.Path, metavar="TO")
    options = parser.parse_args()
    forth, back, left = both_ways(options.source, options.target)
    if not forth:
        parser.error("no problem with counters that both folders have")
    here, there = (1e3 * statistics.median(column) for column in zip(*left))
    print(f"{len(forth)} configurations. Near a copy's rate a time is longer than its counted duration by {here:.1f} us on the "
          f"H200 and by {there:.1f} us on the H100 (medians).\nmedian, mean, 90 % within, mean of the best: forth | back; then "
          "issue slots/power of L2/weight fitted without each problem, and of all\n")
    for term in (
        Term("as it is"),
        Term("rate of this mix of reads and writes (measured)", mixed=True),
        Term("share of reading", slows=lambda case: case.read_share - 0.5),
        Term("bytes of L2 for a byte of DRAM: narrow accesses", slows=lambda case: case.l2_a_byte),
        Term("hits in L2", slows=lambda case: case.l2_hits),
        Term("warps active: streams at once", slows=lambda case: case.warps),
        Term("waiting queues behind DRAM (power: times 5)", queueing=True),
        Term("H100's times less what was left dirty (measured)", dirty_ms=LEFT_DIRTY_MS),
    ):
        try_term(term, (forth, back))


if __name__ == "__main__":
    main()
