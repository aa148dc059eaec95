#!/usr/bin/env python3
"""Whether every source and header of tuner/, app/ and profiler/ compiles alone, with no other file's includes before.

The checked builds put several sources into a unit, where a missing #include is not seen. This looks at each source by
itself (Clang, syntax alone, so that nothing is built), and at each header that no source of its name includes first.
Exit 1: at least one does not compile; each is named."""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time

import tidy

FOLDERS = ("tuner/", "app/", "profiler/")
COMPILER = "clang++-14"
FIRST_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


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


def compile_alone(name, flags):
    """What the compiler says of it; empty where it compiles."""
    words = [word for flag in flags for word in flag]
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
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, said in zip(work, pool.map(lambda item: compile_alone(*item), work.items())):
            if said:
                failed += 1
                print(f"{name} does not compile alone:\n{said}", flush=True)
    headers = sum(name.endswith(".hpp") for name in work)
    print(f"alone: {len(work) - headers} sources and {headers} headers, {time.monotonic() - started:.0f} s: "
          f"{f'{failed} do not compile' if failed else 'each compiles'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
