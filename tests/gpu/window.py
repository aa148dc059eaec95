#!/usr/bin/env python3
"""A session of fuseline-gui with a kernel of the user's own, by script under Xvfb, on a GPU.

window.py PREFIX OUT_DIR [--x11 FOLDER] [--stand-in FOLDER]

The folder of a problem is opened, its kernel compiled, swept with counters and profiled by line; then its source is
edited as an editor would, and the window measures the best again by itself. It is swept once more, compared with what
it was, and exported as a package for PyTorch and as a roofline. PyTorch then calls the package. Each step leaves a
picture, dark and light, and what the window says of itself, which is checked. Exit code 1 where a check fails.

PREFIX: an installed tree, or a build. --x11: a folder with bin/Xvfb and the lib, dri and xkb that go with it, where
the system has none (Xvfb starts /usr/bin/xkbcomp all the same). --stand-in: the folder of the stand-ins for driver and
CUPTI; what takes a GPU is then left out.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PROBLEM, SLOW, FAST = (
    "layernorm_rows",
    "static_cast<int>(threadIdx.x) * kEach + k;",
    "k * PARAM_block + static_cast<int>(threadIdx.x);",
)
READS = "const float value = to_float(row[place(k)]);"
SIZE = (1600, 1000)
PATIENCE_S = 400
FASTER = 0.95  # What the edit makes of the time, at most.

failed = []


def check(what, holds, shown=""):
    print(("ok      " if holds else "FAILED  ") + what + (f": {shown}" if shown != "" else ""), flush=True)
    if not holds:
        failed.append(what)


def act(name, value=None):
    return {"action": name} if value is None else {"action": name, "value": str(value)}


IDLE = {"wait": "idle"}


def pictures(out, name):
    """Facts and a picture in both themes."""
    steps = [act("messages.dismiss"), {"facts": f"{out}/{name}.json"}]
    for theme in ("light", "dark"):
        steps += [act("view.theme", theme), {"screenshot": f"{out}/{name}_{theme}.png"}]
    return steps


def swept():
    return [act("run.start"), {"wait": "sweep"}, IDLE, act("select.best"), act("roofline.fit_points"), IDLE]


def line_of(file, text):
    """The first line that has it, from 1."""
    return 1 + next(number for number, line in enumerate(file.read_text().splitlines()) if text in line)


def steps(out, folder, shape):
    """What a person would do, one after the other; the edit is made by whoever started the script."""
    return [
        IDLE,
        act("view.theme", "dark"),
        act("file.open", folder),
        IDLE,
        act("problem.choose", PROBLEM),
        act("problem.shape", shape),
        act("device.choose", "cuda:0"),
        act("search.counters", "best"),
        IDLE,
        act("panel.show", "source"),
        act("source.file", "row.cu"),
        act("source.compile"),
        IDLE,
        *pictures(out, "compiled"),
        act("panel.show", "counters"),
        *swept(),
        *pictures(out, "swept"),
        act("pin.configuration"),
        act("source.profile_lines"),
        {"wait": "sweep"},
        IDLE,
        act("source.go_to", f"row.cu:{line_of(folder / 'row.cu', READS)}"),
        *pictures(out, "lines"),
        act("run.again_on_save"),
        {"facts": f"{out}/to_edit.json"},
        {"wait": "file", "path": f"{out}/edited"},
        {"wait": "again"},
        IDLE,
        *pictures(out, "again"),
        act("run.again_on_save"),
        *swept(),
        act("compare.selected"),
        IDLE,
        *pictures(out, "compared"),
        act("export.torch", f"{out}/fused_rows"),
        IDLE,
        act("export.roofline", f"{out}/roofline.svg"),
        act("export.t4", f"{out}/run.t4.json"),
        IDLE,
        {"wait": "frames", "count": 3},
        {"facts": f"{out}/ended.json"},
        {"quit": True},
    ]


@contextlib.contextmanager
def display(x11):
    """The environment of a display of our own, whose pictures the processor draws: the GPU is for what is measured."""
    env = {**os.environ, "LIBGL_ALWAYS_SOFTWARE": "1", "__GLX_VENDOR_LIBRARY_NAME": "mesa"}
    program, options = "Xvfb", []
    if x11:
        root = pathlib.Path(x11).resolve()
        env.update(LD_LIBRARY_PATH=f"{root}/lib", LIBGL_DRIVERS_PATH=f"{root}/dri")
        program, options = f"{root}/bin/Xvfb", ["-xkbdir", f"{root}/xkb"]
    read, write = os.pipe()
    command = [program, "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp", *options]
    server = subprocess.Popen(command, pass_fds=[write], env=env, stderr=subprocess.PIPE, text=True)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise SystemExit(f"window.py: {program} did not start: {server.communicate()[1].strip()}")
        yield {**env, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.communicate()


def edit(source):
    """Replaces a file as editors do: by a new one with its name."""
    text = source.read_text()
    assert text.count(SLOW) == 1, source
    made = source.with_suffix(".new")
    made.write_text(text.replace(SLOW, FAST))
    made.replace(source)


def play(prefix, out, folder, state, options):
    """The window's exit code."""
    script = state / "script.json"
    script.write_text(json.dumps(steps(out, folder, "quick" if options.stand_in else "large")))
    command = [prefix / "bin/fuseline-gui", "--settings", "none", "--db", state / "runs.db", "--scale", "1"]
    command += ["--width", str(SIZE[0]), "--height", str(SIZE[1]), "--script", script]
    with display(options.x11) as env:
        env.update({name: str(state / name) for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")})
        if options.stand_in:
            stand_ins = pathlib.Path(options.stand_in).resolve()
            env.update(
                FUSELINE_LIBCUDA=f"{stand_ins}/libfuseline_fake_driver.so",
                FUSELINE_LIBNVML=f"{stand_ins}/libfuseline_fake_driver.so",
                FUSELINE_LIBCUPTI=f"{stand_ins}/libfuseline_fake_cupti.so",
                FUSELINE_FAKE_CUDA="no_parameters",  # It knows parameters of its own kernels alone.
            )
        window = subprocess.Popen(command, env=env)
        end = time.monotonic() + PATIENCE_S
        edited = False
        while window.poll() is None and time.monotonic() < end:
            if not edited and (out / "to_edit.json").exists():
                edit(folder / "row.cu")
                (out / "edited").touch()
                edited = True
            time.sleep(0.05)
        if window.poll() is None:
            window.kill()
        return window.wait()


def check_steps(out, options):
    facts = {}
    for name in ("compiled", "swept", "lines", "again", "compared", "ended"):
        facts[name] = json.loads((out / f"{name}.json").read_text())
    compiled, first, lines, second = (facts[name] for name in ("compiled", "swept", "lines", "compared"))
    made = compiled["compiled"]
    check("the kernel compiles, with registers and spills", made["good"] and made["registers"] > 8, made)
    check("it was swept on a GPU", first["device"]["backend"] == "cuda", first["device"]["name"])
    check("the sweep ended", first["sweep"] == "Finished" and first["outcomes"].get("ok", 0) >= 2, first["outcomes"])
    check("counters of the best were read", first["rows_with_counters"] >= 1 and len(first.get("gauges", {})) >= 2, first.get("gauges"))
    check("the best is selected", first["selected"] == [first["best"]], f"{first['best_key']} {first['best_ms']:.4f} ms")
    again = (facts["again"]["again"] or [{}])[0]
    check("what was saved was measured again", again.get("after_ms") is not None, again.get("text"))
    check("the second sweep ended", second["sweep"] == "Finished", f"{second['best_key']} {second['best_ms']:.4f} ms")
    check("the first one's best is pinned", len(second["pins"]) == 1, second["pins"])
    check("no message is an error", not facts["ended"]["errors"], facts["ended"]["errors"] or facts["ended"]["messages"])
    if not options.stand_in:  # It has no samples, and its times are the same whatever the source.
        profiled = lines["lines"] or {"missing": "no lines came back", "hottest": []}
        check("its lines were profiled, and stand beside the source", profiled["missing"] == "" and profiled["hottest"], profiled)
        check("every configuration is right", set(first["outcomes"]) == set(second["outcomes"]) == {"ok"})
        check("the edit made it faster", again.get("verdict") == "faster" and again["ratio"] < FASTER, again.get("text"))
        check("the best is faster too", second["best_ms"] < FASTER * first["best_ms"], f"{first['best_ms']:.4f} -> {second['best_ms']:.4f} ms")
    for picture in sorted(out.glob("*.png")):
        size = struct.unpack(">II", picture.read_bytes()[16:24])
        check(f"{picture.name} is a picture of the window", size == SIZE, f"{picture.stat().st_size // 1024} KiB")
    check("the roofline is a picture", "<svg" in (out / "roofline.svg").read_text()[:200])
    check("the package is there", (out / "fused_rows/__init__.py").exists())


def check_package(out):
    """Calls it; where there is no PyTorch with a GPU it says so."""
    try:
        import torch
    except ImportError:
        print("no PyTorch here: the package is not called")
        return
    if not torch.cuda.is_available():
        print("PyTorch sees no GPU: the package is not called")
        return
    sys.path.insert(0, str(out))
    import fused_rows

    generator = torch.Generator("cuda").manual_seed(1)
    x = torch.randn((8192, 8192), generator=generator, device="cuda")
    gamma, beta = (torch.randn(8192, generator=generator, device="cuda") for _ in range(2))
    run = lambda: fused_rows.layernorm_rows(x, gamma, beta, eps=1e-5)
    got = run()
    expected = torch.nn.functional.layer_norm(x.double(), (8192,), gamma.double(), beta.double(), 1e-5)
    worst = ((got.double() - expected).abs() / (1e-4 + 1e-4 * expected.abs())).max().item()
    check("PyTorch gets what the formula says from the package", worst <= 1, f"{worst:.3f} of the tolerance")
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        run()
        torch.cuda.synchronize()
    names = [event.key for event in profile.key_averages()]
    check("by the kernel that was tuned", any("layernorm_row" in name for name in names), names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--x11")
    parser.add_argument("--stand-in")
    options = parser.parse_args()
    if not (options.prefix / "bin/fuseline-gui").exists():
        parser.error(f"{options.prefix}/bin/fuseline-gui is missing")
    problem = next((each for each in (HERE / "window_problem", HERE.parent / "data/window_problem") if each.exists()), None)
    if problem is None:
        parser.error("the folder window_problem is missing beside this script")
    options.out.mkdir(parents=True, exist_ok=True)
    if any(options.out.iterdir()):
        parser.error(f"{options.out} is not empty")
    out = options.out.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        state = pathlib.Path(temporary)
        folder = state / PROBLEM
        shutil.copytree(problem, folder)
        code = play(options.prefix.resolve(), out, folder, state, options)
    check("the window's script went to its end", code == 0, code)
    if code == 0:
        check_steps(out, options)
        check_package(out)
    print(f"window.py: {len(failed)} checks failed; pictures in {out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
