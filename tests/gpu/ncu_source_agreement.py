#!/usr/bin/env python3
"""Compares the source profiles that `fuseline profile --source` takes with Nsight Compute's source page for the same code, on a machine with an NVIDIA GPU and ncu.

    ncu_source_agreement.py [PREFIX] [--problem NAME[:VARIANT]]... [--dtype f32]... [--preset-path FOLDER] [--out FILE.md]

PREFIX is an installed tree (found beside this script where it is left out). Each problem is swept, and profiled by both are its best configuration and the fastest one of
VARIANT: the mapping of the given Triton kernel, which VARIANT is by default where there is one. Nsight Compute names instructions by address; both have the same SASS, so
that its samples are added up by the lines that fuseline's profile gives the offsets. Of each kernel the shares of the five hottest lines and of all stall reasons must agree
within 5 points, the hottest lines must be the same (but for those within 5 points of the fifth), and executed instructions of each class and of each opcode within 1 %
(below 10,000 in both they are passed over). A figure that is missing or no number is refused, and with it its configuration. Prints a table; exit 1 where something does
not agree.
"""
import collections
import csv
import functools
import io
import re
import subprocess
import sys

import nsight
from nsight import Refused

PROBLEMS = ["layernorm_gelu_scale", "softmax_bias_scale_sigmoid"]
GIVEN = {"layernorm_gelu_scale": "row_per_block", "softmax_bias_scale_sigmoid": "tile_8xc", "sum_layernorm_avgpool_gelu": "row_per_block"}
HOTTEST, POINTS, SHARE, NEGLIGIBLE = 5, 5.0, 0.01, 1e4
EXECUTED = "Instructions Executed"
# Nsight Compute's columns, and what the metrics of PC sampling are called.
REASONS = {
    "barrier": "barrier", "branch_resolving": "branch_resolving", "dispatch": "dispatch_stall", "drain": "drain", "gmma": "gmma", "imc": "imc_miss",
    "lg": "lg_throttle", "long_sb": "long_scoreboard", "math": "math_pipe_throttle", "membar": "membar", "mio": "mio_throttle", "misc": "misc",
    "no_inst": "no_instructions", "not_selected": "not_selected", "selected": "selected", "short_sb": "short_scoreboard", "sleep": "sleeping",
    "sleeping": "sleeping", "tex": "tex_throttle", "wait": "wait",
}
# The Instruction Set Reference of NVIDIA's "CUDA Binary Utilities", Hopper: fuseline's own classes are held to it. IMAD.MOV is the assembler's move.
CLASSES = {
    "FP32": "FADD FADD32I FCHK FFMA FFMA32I FMNMX FMUL FMUL32I FSEL FSET FSETP FSWZADD",
    "half precision": "HADD2 HADD2_32I HFMA2 HFMA2_32I HMNMX2 HMUL2 HMUL2_32I HSET2 HSETP2 VHMNMX",
    "FP64": "DADD DFMA DMUL DSETP",
    "tensor cores": "HMMA HGMMA IMMA IGMMA BMMA BGMMA DMMA QGMMA",
    "integer": "BMSK BREV FLO IABS IADD IADD3 IADD32I IDP IDP4A IMAD IMNMX IMUL IMUL32I ISCADD ISCADD32I ISETP LEA LOP LOP3 LOP32I PLOP3 POPC SGXT SHF SHL SHR UIADD3 "
               "UIMAD UIMNMX UISETP ULEA ULOP ULOP3 ULOP32I UPLOP3 UPOPC USHF USHL USHR UBMSK UBREV UFLO USGXT VABSDIFF VABSDIFF4 VIADD VIADDMNMX VIMNMX VIMNMX3",
    "special functions": "MUFU",
    "conversions": "F2F F2FP F2I F2IP I2F I2FP I2I I2IP FRND UF2FP UI2FP",
    "moves": "MOV MOV32I UMOV SEL USEL PRMT UPRMT S2R S2UR CS2R R2P R2UR P2R UP2UR UR2UP",
    "global memory": "LD LDG LDGSTS ST STG ATOM ATOMG RED CCTL CCTLL UBLKCP UBLKPF UBLKRED UTMACCTL UTMACMDFLUSH UTMALDG UTMAPF UTMAREDG UTMASTG",
    "shared memory": "LDS LDSM STS STSM ATOMS",
    "local memory": "LDL STL",
    "constant memory": "LDC ULDC",
    "control": "BRA BRX BRXU JMP JMX JMXU CALL RET EXIT BAR BSSY BSYNC BREAK BMOV BPT WARPSYNC NANOSLEEP YIELD DEPBAR LDGDEPBAR MEMBAR ERRBAR FENCE SYNCS UCGABAR_ARV "
               "UCGABAR_WAIT ACQBULK ENDCOLLECTIVE WARPGROUP WARPGROUPSET USETMAXREG B2R",
    "shuffles and votes": "SHFL VOTE VOTEU MATCH REDUX ELECT",
}
CLASS_OF = {opcode: name for name, opcodes in CLASSES.items() for opcode in opcodes.split()}


def best_and_given(found, variant, named):
    """Of the fastest of every variant, the best first: the best, and that of the given mapping where it is another."""
    if not found:
        sys.exit(f"ncu_source_agreement.py: {named}: no configuration works")
    if variant and variant not in dict(found):
        sys.exit(f"ncu_source_agreement.py: {named}: no configuration of {variant} works; there are " + ", ".join(sorted(dict(found))))
    return [each for place, each in enumerate(found) if place == 0 or each[0] == variant]


def rows_of(page):
    """Of Nsight Compute's source page, one an instruction."""
    rows = list(csv.reader(io.StringIO(nsight.table_after(page, "Address"))))
    return [dict(zip(rows[0], row)) for row in rows[1:] if row and row[0].startswith("0x")]


def theirs(fuseline, chosen, kernel, folder):
    """Rows of the source page of one launch, after those that verify."""
    report = folder / "report"
    command = ["ncu", "--target-processes", "all", "--clock-control", "none", "--cache-control", "all", "--section", "SourceCounters", "--kernel-name-base", "mangled"]
    command += ["--kernel-name", f"regex:^{re.escape(kernel)}$", "--launch-skip", "3", "--launch-count", "1", "--force-overwrite", "--export", report]
    (folder / "report.ncu-rep").unlink(missing_ok=True)
    ran = subprocess.run([*command, *nsight.run_once(fuseline, chosen)], check=False, capture_output=True, text=True)
    if not (folder / "report.ncu-rep").exists():
        raise Refused("Nsight Compute wrote no report; its last line: " + ((ran.stdout + ran.stderr).strip().splitlines() or ["nothing"])[-1])
    page = subprocess.run(["ncu", "--import", f"{report}.ncu-rep", "--page", "source", "--csv", "--print-source", "sass", "--print-units", "base"],
                          check=True, capture_output=True, text=True).stdout
    return rows_of(page)


def shares(counts):
    total = sum(counts.values())
    return {name: 100 * count / total for name, count in counts.items()} if total else {}


class Figures:
    """Of one kernel: samples by line and by reason, and executed instructions by class and by opcode."""

    def __init__(self):
        self.lines, self.reasons, self.classes, self.opcodes, self.samples = collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter(), 0

    def add(self, line, reasons, opcode, executed):
        self.samples += sum(reasons.values())
        self.lines[line] += sum(reasons.values())
        for reason, count in reasons.items():
            self.reasons[reason] += count
        self.opcodes[opcode.split(".")[0]] += executed
        self.classes[class_of(opcode)] += executed

    def hottest(self):
        return [line for line, _ in self.lines.most_common(HOTTEST)]


def class_of(opcode):
    return "moves" if opcode.startswith("IMAD.MOV") else CLASS_OF.get(opcode.split(".")[0], "other")


def opcode_of(text):
    """LDG.E.128 of "@!P0 LDG.E.128 R4, ..."."""
    words = [word for word in text.split() if not word.startswith("@")]
    return words[0].rstrip(";") if words else "?"


def figures_of(profiled, rows):
    """Of what `fuseline profile --source --json` wrote, and of Nsight Compute's source page."""
    profile, mix = profiled["source_profile"], profiled["hot_lines"]["mix"]
    mine, reference = Figures(), Figures()
    if not rows or not profile["instructions"]:
        raise Refused(f"Nsight Compute has {len(rows)} instructions and fuseline {len(profile['instructions'])}")
    by_offset = {each["offset"]: each for each in profile["instructions"]}
    base = int(rows[0]["Address"], 16)
    for row in rows:
        offset = int(row["Address"], 16) - base
        instruction = by_offset.get(offset, {})
        line = (instruction.get("file", "?"), instruction.get("line", 0))
        reasons = {REASONS[name[6:]]: nsight.number(value, f"Nsight Compute's {name} at {offset:#x}") for name, value in row.items()
                   if name.startswith("stall_") and "(" not in name and name[6:] in REASONS}
        opcode = opcode_of(row["Source"])
        executed = nsight.number(row[EXECUTED], f"Nsight Compute's {EXECUTED} at {offset:#x}")
        reference.add(line, {reason: count for reason, count in reasons.items() if count}, opcode, executed)
        # CUPTI does not count what fills the code behind the kernel's end; Nsight Compute says 0 of it.
        own = instruction.get("metrics", {}).get("inst_executed", 0 if executed == 0 else None)
        mine.add(line, instruction.get("samples", {}), opcode, nsight.number(own, f"fuseline's inst_executed at {offset:#x}"))
    for figures, whose in ((mine, "fuseline"), (reference, "Nsight Compute")):
        if not figures.samples or not sum(figures.opcodes.values()):
            raise Refused(f"{whose} has {figures.samples:.0f} samples and {sum(figures.opcodes.values()):.0f} executed instructions")
    # What fuseline says of its classes, and not what is added up here, is looked at.
    mine.classes = collections.Counter({each["class"]: nsight.number(each["count"], f"fuseline's {each['class']}") for each in mix["classes"]})
    return mine, reference


def executed(what, ours, reference):
    """Lines of what was executed, by class or opcode: those that are not small."""
    for name in sorted(ours.keys() | reference.keys()):
        x, y = ours.get(name, 0), reference.get(name, 0)
        if max(x, y) < NEGLIGIBLE:
            continue
        difference = (x - y) / y if y else float("inf")
        yield f"{what} {name}", f"{x:.6g}", f"{y:.6g}", f"{100 * difference:+.2f} %", abs(difference) <= SHARE


def compared(mine, reference):
    """Lines (figure, ours, theirs, difference, agrees)."""
    for what, a, b in (("line", shares(mine.lines), shares(reference.lines)), ("stall", shares(mine.reasons), shares(reference.reasons))):
        names = [*dict.fromkeys(mine.hottest() + reference.hottest())] if what == "line" else sorted(a.keys() | b.keys(), key=lambda name: -a.get(name, 0))
        for name in names:
            x, y = a.get(name, 0.0), b.get(name, 0.0)
            shown = f"`{name[0]}:{name[1]}`" if what == "line" else name
            yield f"{what} {shown}", f"{x:.1f} %", f"{y:.1f} %", f"{x - y:+.1f} points", abs(x - y) <= POINTS
    strangers = set(reference.hottest()) - set(mine.hottest())
    share = shares(reference.lines)
    least = min(share.get(line, 0) for line in mine.hottest())
    yield "hottest lines", len(mine.hottest()), len(reference.hottest()), f"{len(strangers)} differ", all(share[line] - least <= POINTS for line in strangers)
    yield from executed("executed class", mine.classes, reference.classes)
    yield from executed("executed", mine.opcodes, reference.opcodes)


def comparison(fuseline, chosen, folder):
    profiled = nsight.profiled(fuseline, chosen, ["--source"], folder)
    profile = profiled["source_profile"]
    mine, reference = figures_of(profiled, theirs(fuseline, chosen, profile["kernel"], folder))
    taken = (f"{mine.samples:.0f} samples in {profile['launches']} launches, ncu {reference.samples:.0f} in one; {profile['seconds']:.2f} s; "
             f"{profile['disassembler']}.")
    return [taken, *(f"Remark: {remark}." for remark in profile["remarks"])], list(compared(mine, reference))


def main():
    given = nsight.command_line(__doc__, PROBLEMS)

    def looked_at(named, dtype, folder):
        problem, _, variant = named.partition(":")
        for found, parameters in best_and_given(nsight.fastest(given.fuseline, problem, dtype, folder), variant or GIVEN.get(problem), named):
            chosen = nsight.arguments(problem, dtype, found, parameters)
            yield found, parameters, functools.partial(comparison, given.fuseline, chosen, folder)

    return nsight.compare(given, "Source profiles", looked_at)


if __name__ == "__main__":
    sys.exit(main())
