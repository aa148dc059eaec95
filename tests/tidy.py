#!/usr/bin/env python3
"""clang-tidy over tuner/, app/, profiler/ and tests/, with the checked-in .clang-tidy: tests/tidy.py [--build FOLDER] [--full] [--jobs N] [FILE...]

Most of clang-tidy's time goes into headers that every file includes, so files are looked at in batches, a batch of #include lines being one
translation unit; files that give the same name to things of their own never share a batch. --full (and any FILE named) looks at one file at a time and
adds the static analyzer (clang-analyzer-*), which takes about as long again. Exit 1 where anything is found."""

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
# Compiled as something else than itself: kernels on the CPU, and what libFuzzer's build makes.
LEFT_OUT = ("tests/host_cuda/",)
LARGEST_BATCH = 14
# What a file declares outside of functions starts in the first column (clang-format does not indent namespaces).
DECLARATION = re.compile(r"^(?!namespace|using namespace|#|//|/\*|\}|\{|extern|return)[A-Za-z_\[].*$")
NAMES = (
    re.compile(r"^(?:template <[^>]*>\s*)?(?:struct|class|enum class|enum|union)\s+([A-Za-z_]\w*)"),
    re.compile(r"^using\s+([A-Za-z_]\w*)\s*="),
    re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST|INSTANTIATE_TEST_SUITE_P)\((\w+,\s*\w+)"),
    re.compile(r"^[^=(]*?\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?(?:\(|=|\{)"),
)
CLANG_TIDY = "clang-tidy-14"


def declared_names(path):
    """Names that a file declares at namespace scope; two files of a batch may not share one."""
    names = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if not DECLARATION.match(line):
            continue
        for pattern in NAMES:
            if found := pattern.match(line):
                names.add(found.group(1))
                break
    return names


def commands(build):
    """Flags of every source of ours, by file."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if not file.is_relative_to(ROOT):
            continue
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(FOLDERS) or name.startswith(LEFT_OUT) or name in flags:
            continue
        words = shlex.split(entry["command"])
        while "=" in words[0] or pathlib.Path(words[0]).name in ("ccache", "env"):
            words.pop(0)
        kept, skip = [], False
        for word in words[1:]:
            if skip or word in ("-c", "-o", str(file), entry["file"]):
                skip = word == "-o"
                continue
            # What g++ alone understands, and what instruments.
            if word.startswith(("-fsanitize", "-fprofile", "--coverage", "-fno-omit", "-fno-sanitize", "-Wno-restrict", "-Wno-maybe-uninitialized", "-Winvalid-pch")) or word == "-Werror":
                continue
            kept.append(word)
        # Precompiled headers of another compiler.
        while "-include" in kept:
            at = kept.index("-include")
            del kept[at:at + 2]
        flags[name] = tuple(absolute(kept, entry["directory"]))
    return flags


def absolute(words, folder):
    for at, word in enumerate(words):
        if word.startswith("-I") and not os.path.isabs(word[2:]):
            words[at] = "-I" + os.path.normpath(os.path.join(folder, word[2:]))
    return words


def batches(flags):
    """Groups of files with the same flags and no name in common."""
    made = []
    for name in sorted(flags):
        names = declared_names(ROOT / name)
        for batch in made:
            if batch["flags"] == flags[name] and len(batch["files"]) < LARGEST_BATCH and not batch["names"] & names:
                break
        else:
            batch = {"flags": flags[name], "files": [], "names": set()}
            made.append(batch)
        batch["files"].append(name)
        batch["names"] |= names
    return made


def look_at(source, flags, full):
    checks = [] if full else ["--checks=-clang-analyzer-*"]
    # The files of a batch are included ones.
    filters = [f"--header-filter={re.escape(str(ROOT))}/(tuner|profiler|app|tests)/.*\\.[ch]pp$"]
    started = time.monotonic()
    done = subprocess.run([CLANG_TIDY, "--quiet", f"--config-file={ROOT}/.clang-tidy", *filters, *checks, str(source), "--", *flags],
                          capture_output=True, text=True, cwd=ROOT, check=False)
    output = done.stdout + "\n".join(line for line in done.stderr.splitlines() if not line.endswith(("warnings generated.", "treated as errors")))
    return done.returncode, output.strip(), time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/dev", help="folder with compile_commands.json (default: build/dev)")
    parser.add_argument("--full", action="store_true", help="one file at a time, with the static analyzer")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    build = (ROOT / options.build).resolve()
    flags = commands(build)
    wanted = {os.path.relpath(os.path.abspath(file), ROOT) for file in options.files}
    if unknown := wanted - flags.keys():
        sys.exit(f"tidy.py: not in {build}/compile_commands.json: {', '.join(sorted(unknown))}")
    one_by_one = options.full or bool(wanted)
    work = []
    if one_by_one:
        work = [(ROOT / name, flags[name], [name]) for name in sorted(wanted or flags)]
    else:
        folder = build / "tidy"
        folder.mkdir(exist_ok=True)
        for number, batch in enumerate(batches(flags)):
            source = folder / f"batch_{number}.cpp"
            source.write_text("".join(f'#include "{ROOT / name}"\n' for name in batch["files"]))
            work.append((source, batch["flags"], batch["files"]))
        work.sort(key=lambda item: -sum((ROOT / name).stat().st_size for name in item[2]))
    started = time.monotonic()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tasks = {pool.submit(look_at, source, own_flags, one_by_one): files for source, own_flags, files in work}
        for task in concurrent.futures.as_completed(tasks):
            code, output, seconds = task.result()
            if code != 0 or output:
                failed += 1
                print(output)
            if sys.stderr.isatty() or os.environ.get("VERBOSE"):
                print(f"{seconds:6.1f} s  {' '.join(tasks[task])}", file=sys.stderr)
    files = sum(len(item[2]) for item in work)
    print(f"clang-tidy: {files} files in {len(work)} runs, {time.monotonic() - started:.0f} s: {'clean' if failed == 0 else f'{failed} runs with findings'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
