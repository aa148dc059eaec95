#!/usr/bin/env python3
"""clang-tidy, with the checked-in .clang-tidy, over the C++ sources and headers of tuner/, app/, profiler/ and tests/.

It configures a build of its own (nothing is compiled, so nothing needs to be built before), and looks at every source that is part of it. Exit 0: clean.
Exit 1: findings, or sources that do not compile. Most of clang-tidy's time goes into headers that every source includes; so a translation unit is a batch of
sources, and sources that give the same name to things of their own never share one. A batch that does not compile is looked at in halves, down to the source
that does not compile alone."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("tuner/", "app/", "profiler/", "tests/")
# Kernels as C++ for the CPU, with g++'s sanitizers: CMake leaves them out of a build with Clang.
LEFT_OUT = ("tests/host_cuda/", "tests/data/", "tests/faults/presets/")
# All but those of profiler/host/shim, which has CUDA's names. They are reserved ones.
HEADERS = "((tuner|app|tests)/.*|profiler/(compile|counters|cuda|host|host/runtime|measure|serve)/[^/]*)"
# It defines a library's functions with types of its own.
ALONE_FILES = ("tests/fake_driver/nvrtc.cpp",)
LARGEST_BATCH = 40
# Xlib's macros (None, Status, Bool ...) are for nobody else; nor is a namespace that a program opens for all that follows.
ALONE = re.compile(r"^#include <X11/|^using namespace fuseline", re.MULTILINE)
# What a file declares outside of functions starts in the first column (clang-format does not indent namespaces).
DECLARATION = re.compile(r"^(?!namespace|using namespace|#|//|/\*|\}|\{|return)[A-Za-z_\[]")
NAMES = (
    re.compile(r"^(?:template <[^>]*>\s*)?(?:struct|class|enum class|enum|union)\s+([A-Za-z_]\w*)(?!\w|::)"),
    re.compile(r"^using\s+([A-Za-z_]\w*)\s*="),
    re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST|INSTANTIATE_TEST_SUITE_P)\((\w+,\s*\w+)"),
    re.compile(r"^[^=(]*?(?<![\w:])([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?(?:\(|=|\{|;)"),
)
CLANG_TIDY = "clang-tidy-14"
# A batch includes its sources, which is the point of it.
NOT_IN_BATCHES = "-bugprone-suspicious-include"
FINDING = re.compile(r"^\S+:\d+:\d+: (?:error|warning): ")
DOES_NOT_COMPILE = "[clang-diagnostic-error]"


def configure(build):
    """A build of Clang's, so that clang-tidy understands its flags."""
    command = ["cmake", "-S", str(ROOT), "-B", str(build), "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-14", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"tidy.py: {shlex.join(command)} failed:\n{done.stderr}")


def flags_that_matter(entry):
    """What decides how a source is read (its language, macros and include folders), each as the words it takes."""
    words = iter(shlex.split(entry["command"]))
    kept = []
    for word in words:
        if word == "-isystem":
            kept.append((word, next(words)))
        elif word.startswith(("-D", "-I", "-std=", "-pthread")):
            kept.append((word,))
    return kept


def sources(build):
    """Flags of every source of ours that is part of the build, by its name."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        name = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else ""
        if name.startswith(FOLDERS) and not name.startswith(LEFT_OUT) and name not in flags:
            flags[name] = flags_that_matter(entry)
    return flags


def declared_names(text):
    """Names that a source declares at namespace scope."""
    names = set()
    for line in text.splitlines():
        if not DECLARATION.match(line):
            continue
        for pattern in NAMES:
            if found := pattern.match(line):
                names.add(found.group(1))
                break
    return names


def macros(flags):
    """Definitions on the command line, by macro."""
    return {flag[0].partition("=")[0]: flag for flag in flags if flag[0].startswith("-D")}


class Batch:
    """Sources that are looked at together, with the flags of all of them."""

    def __init__(self, files=(), flags=()):
        self.files = list(files)
        self.flags = list(flags)
        self.names = set()
        self.closed = False

    def takes(self, flags, names):
        own = macros(self.flags)
        return (not self.closed and len(self.files) < LARGEST_BATCH and not self.names & names
                and all(own.get(macro, flag) == flag for macro, flag in macros(flags).items()))

    def add(self, name, flags, names):
        self.files.append(name)
        self.names |= names
        self.flags += [flag for flag in flags if flag not in self.flags]

    def halves(self):
        middle = len(self.files) // 2
        return [Batch(self.files[:middle], self.flags), Batch(self.files[middle:], self.flags)]

    def size(self):
        return sum((ROOT / name).stat().st_size for name in self.files)


def batches(flags, one_by_one):
    made = []
    for name in sorted(flags):
        text = (ROOT / name).read_text(encoding="utf-8")
        names = declared_names(text)
        alone = one_by_one or name in ALONE_FILES or ALONE.search(text) is not None
        batch = next((other for other in made if not alone and other.takes(flags[name], names)), None)
        if batch is None:
            batch = Batch()
            batch.closed = alone
            made.append(batch)
        batch.add(name, flags[name], names)
    return sorted(made, key=Batch.size, reverse=True)


def look_at(batch, folder, analyzer):
    """Output of clang-tidy on one batch, whether it compiled, and the seconds that it took."""
    checks = []
    source = ROOT / batch.files[0]
    if len(batch.files) > 1:
        checks.append(NOT_IN_BATCHES)
        # The static analyzer follows paths through included sources only where the file that includes them has this name.
        source = folder / ("UnifiedSource_" + re.sub(r"\W", "_", f"{batch.files[0]}_{len(batch.files)}") + ".cpp")
        source.write_text("".join(f'#include "{ROOT / name}"\n' for name in batch.files), encoding="utf-8")
    if not analyzer:
        checks.append("-clang-analyzer-*")
    words = [word for flag in batch.flags for word in flag]
    started = time.monotonic()
    done = subprocess.run([CLANG_TIDY, "--quiet", f"--config-file={ROOT}/.clang-tidy", f"--checks={','.join(checks)}",
                           # The sources of a batch are included ones.
                           f"--header-filter=^{re.escape(str(ROOT))}/{HEADERS}\\.[ch]pp$", str(source), "--", *words],
                          capture_output=True, text=True, cwd=ROOT, check=False)
    output = done.stdout
    if done.returncode != 0 and not output.strip():
        output = f"{source}:1:1: error: {CLANG_TIDY} failed (exit status {done.returncode})\n{done.stderr}"
    return output, DOES_NOT_COMPILE not in output, time.monotonic() - started


def findings(output):
    """What was found, each with the lines that explain it; a header's findings come with every batch that includes it."""
    found = []
    for line in output.splitlines():
        if FINDING.match(line):
            found.append(line.replace(f"{ROOT}/", ""))
        elif found:
            found[-1] += "\n" + line.replace(f"{ROOT}/", "")
    return found


def run(work, folder, jobs, analyzer):
    """Prints what is found, as it is found; how much, and how many runs of clang-tidy it took."""
    found, runs = set(), 0
    verbose = sys.stderr.isatty() or "VERBOSE" in os.environ
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        tasks = {pool.submit(look_at, batch, folder, analyzer): batch for batch in work}
        while tasks:
            done, _ = concurrent.futures.wait(tasks, return_when=concurrent.futures.FIRST_COMPLETED)
            for task in done:
                batch = tasks.pop(task)
                output, compiled, seconds = task.result()
                runs += 1
                if verbose:
                    print(f"{seconds:6.1f} s  {len(batch.files):2} from {batch.files[0]} to {batch.files[-1]}", file=sys.stderr)
                if not compiled and len(batch.files) > 1:
                    reason = next(line for line in output.splitlines() if DOES_NOT_COMPILE in line).replace(f"{ROOT}/", "")
                    print(f"tidy.py: does not compile together, so looked at in halves: {reason}", file=sys.stderr)
                    tasks |= {pool.submit(look_at, half, folder, analyzer): half for half in batch.halves()}
                    continue
                for one in findings(output):
                    head = one.partition("\n")[0]
                    if head not in found:
                        print(one, flush=True)
                    found.add(head)
    return len(found), runs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/tidy", metavar="FOLDER", help="where the build is configured (default: build/tidy)")
    parser.add_argument("--full", action="store_true", help="with the static analyzer too (clang-analyzer-*); a FILE named has it in any case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="runs of clang-tidy at a time (default: one for each core)")
    parser.add_argument("files", nargs="*", metavar="FILE", help="sources to look at, one by one (default: all, in batches)")
    options = parser.parse_args()
    build = (ROOT / options.build).resolve()
    configure(build)
    flags = sources(build)
    wanted = {os.path.relpath(os.path.abspath(file), ROOT) for file in options.files}
    if unknown := wanted - flags.keys():
        sys.exit(f"tidy.py: no source of the build in {build}: {', '.join(sorted(unknown))}")
    started = time.monotonic()
    folder = build / "batches"
    folder.mkdir(exist_ok=True)
    work = batches({name: flags[name] for name in wanted or flags}, bool(wanted))
    found, runs = run(work, folder, options.jobs, options.full or bool(wanted))
    files = sum(len(batch.files) for batch in work)
    print(f"clang-tidy: {files} sources in {runs} runs, {time.monotonic() - started:.0f} s: {f'{found} findings' if found else 'clean'}")
    if not wanted:
        ours = sorted(file.relative_to(ROOT).as_posix() for top in FOLDERS for file in (ROOT / top).rglob("*.cpp"))
        if unbuilt := [name for name in ours if name not in flags and not name.startswith(LEFT_OUT)]:
            print(f"not part of a build on this machine, so not looked at: {' '.join(unbuilt)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
