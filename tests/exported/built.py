"""A package for C++ that `fuseline export` wrote with made-up images, built with sanitizers, and programs that call it.

Programs are C++ that is made here; the stand-in for a driver writes down what they launch.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDINGS = ROOT / "presets" / "recordings" / "h200"
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
LIMITS = ("sm_count", "max_threads_per_block", "max_threads_per_sm", "max_blocks_per_sm", "shared_bytes_per_block",
          "shared_bytes_per_sm", "registers_per_sm", "l2_bytes")


def run(command, stdin="", **changes):
    """Runs a command with these changes of the environment; what it printed, or AssertionError."""
    environment = {**os.environ, **{name: str(value) for name, value in changes.items()}}
    done = subprocess.run([str(each) for each in command], input=stdin, capture_output=True, text=True,
                          env=environment)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-2000:]}"
                             f"{done.stderr[-4000:]}")
    return done.stdout


def export(folder, recordings, kind, *options):
    """`fuseline export` of recordings, by name or as files, with the scripted worker."""
    binaries = pathlib.Path(os.environ["FUSELINE_BIN_DIR"])
    folder.parent.mkdir(exist_ok=True)
    script = folder.parent / "script.json"
    script.write_text("{}")
    files = [each if isinstance(each, pathlib.Path) else RECORDINGS / f"{each}.t4.json" for each in recordings]
    run([binaries / "fuseline", "export", *files, "--format", kind, "-o", folder, *options, "--worker",
         f"{binaries / 'scripted_worker'} {script}"], XDG_DATA_HOME=folder.parent)


def compile_all(sources, folder, *flags):
    """Objects of sources, compiled two at a time."""
    folder.mkdir(exist_ok=True)
    compiler = os.environ.get("CXX", "g++")

    def compile_one(source):
        made = folder / (source.stem + ".o")
        run([compiler, "-std=c++17", *WARNINGS, *flags, "-c", source, "-o", made])
        return made

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(compile_one, sources))


def link(objects, program, *flags):
    run([os.environ.get("CXX", "g++"), *flags, *objects, "-o", program, "-ldl", "-pthread"])
    return program


def device_text(device, **changes):
    """What $FUSELINE_FAKE_DEVICE has of a device of wisdom.json."""
    limits = {**device["limits"], **changes}
    return f"{changes.get('name', device['name'])};{device['compute_capability']};" + \
        ",".join(str(limits[each]) for each in LIMITS)


def address(number):
    """Of the tensor at that place."""
    return 0x10000 * (number + 1)


WORKSPACE, STREAM = 0x7000000, 0x50


def tensors_of(data):
    """Names of a problem's tensors in the order in which its function takes them."""
    return [each["name"] for role in ("input", "output") for each in data["tensors"] if each["role"] == role]


class Calls:
    """Calls for a program that caller_text() made: one a line, of numbers in the order of the problem."""

    def __init__(self, problems):
        self.problems = problems
        self.lines = []

    def _add(self, verb, problem, dims, dtype, scalars=None, pointers=None, workspace=-1):
        data = self.problems[problem]
        scalars = scalars if scalars is not None else data["scalars"]
        places = pointers or [address(number) for number, _ in enumerate(tensors_of(data))]
        numbers = [*(dims[each["name"]] for each in data["dims"]),
                   *(repr(float(scalars[name])) for name in data["scalars"]), *places]
        kind = ("f32", "f16", "bf16").index(dtype)
        self.lines.append(" ".join(map(str, [verb, problem, kind, workspace, *numbers])))
        return self

    def call(self, *arguments, **others):
        """Asks for the workspace, prepares, launches. `workspace`: bytes that are given instead of what is needed."""
        return self._add("call", *arguments, **others)

    def launch(self, *arguments, **others):
        """The launch alone, with workspace enough."""
        return self._add("launch", *arguments, **others)

    def prepare(self, *arguments, **others):
        return self._add("prepare", *arguments, **others)


def caller_text(name, problems):
    """A program that makes the calls of its standard input; "both": by two threads. It prints a line for each."""
    functions, choices = [], []
    for problem, data in problems.items():
        sizes = ", ".join("whole(in)" for _ in data["dims"])
        scalars = ", ".join("real(in)" for _ in data["scalars"])
        places = ", ".join(f"places[{number}]" for number, _ in enumerate(tensors_of(data)))
        last = ", scalars" if scalars else ""
        functions.append(f"""void {problem}_calls(const std::string& verb, {name}::Dtype dtype, long long given, std::istream& in) {{
  const {name}::{problem}_sizes sizes = {{{sizes}}};
  {f"const {name}::{problem}_scalars scalars = {{{scalars}}};" if scalars else ""}
  void* places[{len(tensors_of(data))}];
  for (void*& each : places) each = at(static_cast<std::uint64_t>(whole(in)));
  {name}::Status status;
  {name}::Chosen chosen;
  std::size_t bytes = std::size_t{{1}} << 40;
  if (verb == "call") status = {name}::{problem}_workspace_bytes(&bytes, sizes, dtype{last});
  if (verb != "launch" && status) status = {name}::{problem}_prepare(sizes, dtype, &chosen{last});
  if (given >= 0) bytes = static_cast<std::size_t>(given);
  const {name}::Workspace workspace = {{at({WORKSPACE}), bytes}};
  if (verb != "prepare" && status) status = {name}::{problem}({places}, sizes, dtype, stream, workspace{last});
  say(status, chosen);
}}
""")
        choices.append(f'    if (problem == "{problem}") {problem}_calls(verb, dtype, given, in);')
    newline = "\n"
    return f"""#include "{name}.hpp"

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

namespace {{

void* at(std::uint64_t address) {{ return reinterpret_cast<void*>(address); }}
std::int64_t whole(std::istream& in) {{
  std::int64_t value = 0;
  in >> value;
  return value;
}}
[[maybe_unused]] double real(std::istream& in) {{
  double value = 0;
  in >> value;
  return value;
}}

void say(const {name}::Status& status, const {name}::Chosen& chosen) {{
  std::printf("%s|%s|%d|%d|%s|%s|%s|%llu\\n", {name}::name_of(status.code), status.message, chosen.tuned ? 1 : 0,
              static_cast<int>(chosen.origin), chosen.variant, chosen.image, chosen.configuration,
              static_cast<unsigned long long>(chosen.workspace_bytes));
}}

const {name}::Stream stream = reinterpret_cast<{name}::Stream>(at({STREAM}));

{newline.join(functions)}
void make_calls(const std::string& text) {{
  std::istringstream in(text);
  std::string verb, problem;
  while (in >> verb >> problem) {{
    const auto dtype = static_cast<{name}::Dtype>(whole(in));
    const long long given = whole(in);
{newline.join(choices)}
  }}
}}

}}  // namespace

int main(int argc, char**) {{
  const std::string text{{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}};
  std::thread other;
  if (argc > 1) other = std::thread(make_calls, text);
  make_calls(text);
  if (argc > 1) other.join();
  return 0;
}}
"""


ORIGINS = ("shipped", "compiled", "cached")


class Said:
    """What one call returned."""

    def __init__(self, line):
        self.code, self.message, tuned, origin, self.variant, self.image, self.configuration, space = line.split("|")
        self.tuned, self.origin = tuned == "1", ORIGINS[int(origin)]
        self.workspace_bytes = int(space)


def lines_of(file):
    return file.read_text().splitlines() if file.exists() else []


def made(file):
    """What was compiled and which images were loaded, in turn: lists of words."""
    return [line.split("\t") if line.startswith("compile\t") else line.split() for line in lines_of(file)
            if line.startswith(("compile\t", "module "))]


def recorded(file):
    """What was launched and set, in turn: launches as dictionaries, all else as lists of words."""
    launches = []
    for line in lines_of(file):
        if line.startswith(("compile\t", "module ")):
            continue
        if not line.startswith("launch "):
            launches.append(line.split())
            continue
        kernel, _, rest = line[len("launch "):].rpartition(" grid ")
        numbers = [int(each) for each in rest.split() if each.isdigit()]
        launches.append({"kernel": kernel, "grid": numbers[0:3], "block": numbers[3:6], "shared_bytes": numbers[6],
                         "cooperative": numbers[7], "stream": numbers[8], "arguments": numbers[9:]})
    return launches


def wisdom_of(folder):
    return json.loads((folder / "wisdom.json").read_text())
