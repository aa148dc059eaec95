#!/usr/bin/env python3
"""Whether every source and header of tuner/, app/ and profiler/ compiles alone, with no other file's includes before.

The checked builds put several sources into a unit, where a missing #include is not seen. This looks at each source by
itself (Clang, syntax alone, so that nothing is built), and at each header that no source of its name includes first.
Exit 1: at least one does not compile; each is named.

Most of the time goes into the same headers of libraries, which are precompiled. A file is only ever given those that
the first header of ours that it includes reaches by itself, so that nothing is there that would not be in any case."""

import argparse
import concurrent.futures
import functools
import os
import re
import subprocess
import sys
import tempfile
import time

import tidy

FOLDERS = ("tuner/", "app/", "profiler/")
COMPILER = "clang++-14"
FIRST_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
# An include under a condition is indented by clang-format, or stands between #if and #endif: see library_headers().
INCLUDE = re.compile(r'^#include (?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
CONDITIONAL = re.compile(r"^#if.*?^#endif", re.MULTILINE | re.DOTALL)
# Of headers that take longer than most, with Clang 14; START is what writing a precompiled header takes.
SECONDS = {"nlohmann/json.hpp": 2.0, "CLI/CLI.hpp": 1.8, "spdlog/spdlog.h": 2.5, "Eigen/Core": 1.6, "fmt/format.h": 0.6,
           "fmt/ranges.h": 0.2, "filesystem": 0.4, "thread": 0.4, "regex": 0.5}
START = 0.5


def vouched_headers(sources):
    """Headers that a source of the same name includes before anything else of ours: they compile alone if it does."""
    vouched = set()
    for name in sources:
        header = name.removesuffix(".cpp") + ".hpp"
        first = FIRST_INCLUDE.search((tidy.ROOT / name).read_text(encoding="utf-8"))
        if first and first.group(1) == header:
            vouched.add(header)
    return vouched


def header_flags(header, flags):
    """Those of a source in its folder, or in the nearest folder above that has one."""
    folder = os.path.dirname(header)
    while folder:
        beside = [name for name in sorted(flags) if name.startswith(folder + "/")]
        if beside:
            return flags[beside[0]]
        folder = os.path.dirname(folder)
    return []


def own_header(name, includer):
    """The file of ours that an #include "NAME" means, or None."""
    for place in (name, os.path.join(os.path.dirname(includer), name)):
        if (tidy.ROOT / place).is_file():
            return os.path.normpath(place)
    return None


@functools.cache
def library_headers(name):
    """Headers that are not ours and that a file of ours includes whatever is defined, itself or by headers of ours."""
    text = CONDITIONAL.sub("", (tidy.ROOT / name).read_text(encoding="utf-8"))
    found = set()
    for ours, library in INCLUDE.findall(text):
        if library:
            found.add(library)
        elif header := own_header(ours, name):
            found |= library_headers(header)
    return frozenset(found)


def headers_before(name):
    """Library headers that there are once the first header of ours has been included, so that none hides a gap in it."""
    if name.endswith(".cpp"):
        first = FIRST_INCLUDE.search((tidy.ROOT / name).read_text(encoding="utf-8"))
        header = own_header(first.group(1), name) if first else None
        return library_headers(header or name)
    return library_headers(name)


def seconds(headers):
    """What reading them takes, about: measured one by one, less for what is mostly inside of the others."""
    return sum(SECONDS.get(header, 0.1) for header in headers)


def precompiled_lists(work):
    """For each file the library headers that are precompiled for it: a few lists serve most files."""
    before = {name: (tuple(flags), headers_before(name)) for name, flags in work.items()}
    candidates = sorted({(flags, tuple(sorted(headers))) for flags, headers in before.values()})
    best = dict.fromkeys(work, ())
    while True:
        # The list that saves most, given those chosen already; making it is to cost less than it saves.
        gain, flags, chosen = 0, (), ()
        for candidate_flags, headers in candidates:
            cost = seconds(headers)
            saved = sum(max(0, cost - seconds(best[name])) for name, (own_flags, own) in before.items()
                        if own_flags == candidate_flags and own.issuperset(headers))
            if saved - cost - START > gain:
                gain, flags, chosen = saved - cost - START, candidate_flags, headers
        if not chosen:
            return best
        for name, (own_flags, own) in before.items():
            if own_flags == flags and own.issuperset(chosen) and seconds(chosen) > seconds(best[name]):
                best[name] = chosen


def precompile(folder, number, headers, flags):
    """A precompiled header of these; None where they cannot be, and then files are read without."""
    source = os.path.join(folder, f"{number}.hpp")
    with open(source, "w", encoding="utf-8") as file:
        file.write("".join(f"#include <{header}>\n" for header in headers))
    words = [word for flag in flags for word in flag]
    done = subprocess.run([COMPILER, *words, "-x", "c++-header", source, "-o", source + ".pch"], capture_output=True,
                          text=True, cwd=tidy.ROOT, check=False)
    return source + ".pch" if done.returncode == 0 else None


def compile_alone(name, flags, precompiled):
    """What the compiler says of it; empty where it compiles."""
    words = [word for flag in flags for word in flag]
    if precompiled:
        words += ["-include-pch", precompiled]
    language = ["-x", "c++"] if name.endswith(".hpp") else []
    done = subprocess.run([COMPILER, "-fsyntax-only", *words, *language, str(tidy.ROOT / name)],
                          capture_output=True, text=True, cwd=tidy.ROOT, check=False)
    return (done.stderr or f"exit status {done.returncode}") if done.returncode != 0 else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/tidy", metavar="FOLDER", help="where a build is configured")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="compilers at a time")
    parser.add_argument("files", nargs="*", metavar="FILE", help="sources and headers to look at (default: all)")
    options = parser.parse_args()
    started = time.monotonic()
    build = (tidy.ROOT / options.build).resolve()
    tidy.configure(build)
    flags = {name: one for name, one in tidy.sources(build).items() if name.startswith(FOLDERS)}
    work = dict(flags)
    vouched = vouched_headers(flags)
    for folder in FOLDERS:
        for file in sorted((tidy.ROOT / folder).rglob("*.hpp")):
            header = file.relative_to(tidy.ROOT).as_posix()
            if header not in vouched or header in options.files:
                work[header] = header_flags(header, flags)
    if options.files:
        if unknown := set(options.files) - work.keys():
            sys.exit(f"alone.py: not part of the build in {build}: {', '.join(sorted(unknown))}")
        work = {name: work[name] for name in options.files}
    failed = 0
    lists = precompiled_lists(work)
    kinds = sorted({(lists[name], tuple(flags)) for name, flags in work.items() if lists[name]})
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        made = dict(zip(kinds, pool.map(lambda item: precompile(folder, item[0], *item[1]), enumerate(kinds))))
        found = pool.map(lambda item: compile_alone(*item, made.get((lists[item[0]], tuple(item[1])))), work.items())
        for name, said in zip(work, found):
            if said:
                failed += 1
                print(f"{name} does not compile alone:\n{said}", flush=True)
    headers = sum(name.endswith(".hpp") for name in work)
    print(f"alone: {len(work) - headers} sources and {headers} headers, {time.monotonic() - started:.0f} s: "
          f"{f'{failed} do not compile' if failed else 'each compiles'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
