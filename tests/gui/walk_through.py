#!/usr/bin/env python3
"""Pictures of every panel, menu and dialog of fuseline-gui with a replayed sweep, at 1280x800 and 2560x1440, scale 1 and 2, dark and light, for a person to look at.

usage: walk_through.py OUT_DIR [--bin BIN_DIR] [--only TEXT]    BIN_DIR: where fuseline-gui is (default: build/release/bin); --only: sets whose name has TEXT, as "1280x800.2"
       walk_through.py --check                                  says what of the panels, dialogs, menus and popups has no picture; needs no display
Needs xvfb-run and xdotool. Exit code 1 where a picture is missing, what it is of is not open in it, a panel got no room, or text is cut off."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PANELS = re.findall(r"^FUSELINE_PANEL\((\w+),", (ROOT / "app/gui/models/panels.def").read_text(), re.MULTILINE)
RECORDING = ROOT / "presets/recordings/h200/layernorm_gelu_scale.f32.kernelbench.t4.json"


def everything():
    """What can be open, by its name among what the program says is drawn: read from the sources, so that nothing new is forgotten."""
    sources = "".join(file.read_text() for file in sorted((ROOT / "app/gui/panels").glob("*.cpp")))
    names = set(PANELS) | {"palette"}
    names |= {"dialog." + title for title in re.findall(r'begin_dialog\(ui, "([^"]+)"', sources)}
    names |= {"popup." + title for title in re.findall(r'(?:begin_submenu|paths_menu)\(ui, "([^"]+)"', sources)}
    names |= set(re.findall(r'"(popup\.[^"]+)"', sources))
    names |= {"open." + menu for menu in re.findall(r'BarMenu\{"\w+", "(\w+)"\}', sources)}
    # One that does not say where it is could not be looked for.
    unnoted = re.findall(r"^.*ImGui::Begin(?:Popup|PopupContextItem|Menu|Combo)\(.*$", sources, re.MULTILINE)
    return names, [line.strip() for line in unnoted if "noted(" not in line and "BarMenu" not in line and "menu.title" not in line]


def with_lines(file):
    """The recording with samples by line for its best, as a GPU would have taken them: for the pictures alone."""
    run = json.loads(RECORDING.read_text())
    worked = [result for result in run["results"] if result["invalidity"] == "correct"]
    worked.sort(key=lambda result: result["measurements"][0]["value"])
    best = worked[0]
    source = best["configuration"]["variant"] + ".cu"
    lines = (ROOT / "kernels/layernorm_gelu_scale" / source).read_text().splitlines()
    instructions, offset = [], 0
    for number, line in enumerate(lines, 1):
        if not line.rstrip().endswith(";"):
            continue
        weight = (number * 7919) % 97
        for text, reason in (("LDG.E.128.CONSTANT R4, desc[UR4][R2.64]", "long_scoreboard"), ("FFMA R9, R4, R5, R9", "wait")):
            instructions.append({"offset": offset, "text": text, "file": source, "line": number, "samples": {reason: 40 * weight, "selected": weight},
                                 "metrics": {"inst_executed": 1000.0 * (weight + 1), "thread_inst_executed": 32000.0 * (weight + 1)}})
            offset += 16
    total = sum(sum(each["samples"].values()) for each in instructions)
    profile = {"kernel": "kernel", "samples": total, "period_cycles": 2048, "launches": 20, "instructions": instructions}
    # Which of the first is the best the finals say.
    for result in worked[:16]:
        if result["configuration"]["variant"] == best["configuration"]["variant"]:
            result["fuseline"]["measurement"]["source_profile"] = profile
    file.write_text(json.dumps(run))


class Walk:
    """A script for the program, and what the mouse and the keyboard do between its steps."""

    def __init__(self, folder, prefix, scale=1):
        self.folder, self.prefix, self.scale = folder, prefix, scale
        self.steps, self.live, self.pictures = [], [], []
        self.wanted = {}  # By picture: what is to be open in it.

    def act(self, name, value=""):
        self.steps.append({"action": name, "value": value} if value else {"action": name})

    def wait(self, what, **more):
        self.steps.append({"wait": what, **more})

    def show(self, *panels):
        for panel in panels:
            self.act("panel.show", panel)

    def shot(self, name, *wanted, window=1, settled=True):
        """A picture, and where everything was. `wanted`: what is open in it, as everything() names it. Where it is not to be settled a sweep may run."""
        if settled:
            self.wait("idle")
        self.wait("frames", count=5)
        file = f"{self.folder}/{self.prefix}.{name}.png"
        self.steps.append({"screenshot": file, "window": 2} if window == 2 else {"screenshot": file})
        self.steps.append({"facts": f"{self.folder}/{self.prefix}.{name}.json"})
        self.pictures.append(file)
        self.wanted[file] = wanted

    def hand(self, do):
        """`do(facts)` gives words for xdotool, from where things are drawn then."""
        turn = f"{self.folder}/.{self.prefix}.{len(self.live)}"
        self.wait("frames", count=3)
        self.steps.append({"facts": turn + ".at"})
        self.wait("file", path=turn + ".go")
        self.live.append((turn, do))

    def keys(self, *names):
        for name in names:
            # Held as a finger holds it: longer than a frame takes.
            self.hand(lambda facts, name=name: f"keydown {name} sleep 0.2 keyup {name}")

    def point(self, box, x=0.5, y=0.5, then=""):
        """The pointer to a place in a box ("relations.cell.*": the first of this kind), in shares of it, or in pixels from its start where a number is over 1."""

        def words(facts):
            found = next((name for name in facts["boxes"] if name == box or (box.endswith("*") and name.startswith(box[:-1]))), None)
            if found is None:
                return "mousemove 3 3"  # What only some sizes have.
            left, top, width, height = facts["boxes"][found]
            across, down = (x if x > 1 else x * width), (y if y > 1 else y * height)
            # Held as a finger holds it.
            held = re.sub(r"click (\d)", r"mousedown \1 sleep 0.2 mouseup \1", then)
            return f"mousemove {round(left + across)} {round(top + down)} sleep 0.2 {held}"

        self.hand(words)


def tour(walk, theme):
    """Everything that there is to see."""
    walk.wait("idle")
    walk.act("view.theme", theme)
    walk.shot("welcome")
    for panel in ("search", "counters", "why"):
        walk.show(panel)
    walk.shot("empty")
    walk.act("problem.choose", "layernorm_gelu_scale")
    walk.act("problem.dtype", "f32")
    walk.act("device.choose", "replay:h200")
    walk.wait("idle")
    walk.act("run.start")
    walk.wait("rows", count=60)
    walk.shot("success_toast")
    walk.act("messages.dismiss")
    walk.act("layout.reset")
    for panel in PANELS:
        walk.show(panel)
        walk.shot("panel." + panel, panel)
    walk.show("history")
    walk.point("history", 60 * walk.scale, 70 * walk.scale, then="click 3")
    walk.shot("menu.run", "popup.run")
    walk.keys("Escape")
    walk.act("layout.reset")
    walk.act("select.tied")
    walk.shot("tied_selected")
    walk.act("select.rows", "0,1,2,3")
    for panel in ("samples", "compare", "details"):
        walk.show(panel)
        walk.shot("several." + panel)
    walk.act("select.tied")  # These were in the finals.
    walk.act("samples.view", "rounds")
    walk.show("samples")
    walk.shot("several.rounds")
    walk.act("samples.view", "distribution")
    walk.act("layout.reset")
    walk.show("relations")
    for kind in ("heatmap", "parallel", "scatter", "importance"):
        walk.act("relations.kind", kind)
        walk.shot("relations." + kind)
    walk.act("results.narrow", "block=128")
    for panel in ("roofline", "why", "relations"):
        walk.show(panel)
        walk.shot("narrowed." + panel)
    walk.act("results.filter", "")
    walk.act("layout.reset")
    walk.act("target.also", "rtx5090")
    walk.show("roofline")
    walk.shot("roofline.two_targets")
    walk.act("target.also", "rtx5090")
    walk.act("select.best")
    walk.act("roofline.level", "DRAM bytes")
    walk.act("roofline.colour", "registers")
    walk.shot("roofline.dram_by_registers")
    walk.act("roofline.level", "compulsory bytes")
    walk.act("roofline.colour", "param:block")
    walk.act("roofline.fit_points")
    walk.shot("roofline.fit_points")
    walk.act("roofline.colour", "variant")
    for view in ("target", "instructions", "measured"):
        walk.act("roofline.view", view)
        walk.shot("roofline.as_" + view, "roofline")
    walk.act("roofline.units")
    walk.shot("roofline.units")
    walk.act("roofline.units")
    for popup in ("targets", "pins"):
        walk.point("button." + popup, then="click 1")
        walk.shot("popup." + popup, "popup." + popup)
        walk.keys("Escape")
    walk.act("roofline.fit")
    walk.show("roofline")
    walk.shot("roofline.fit")
    walk.point("roofline.plot", 0.5, 0.5)

    def over_best(facts):
        best = [mark for mark in facts["marks"] if mark["sequence"] == facts["best"]]
        return f"mousemove {round(best[0]['x'])} {round(best[0]['y'])} sleep 0.2" if best else "mousemove 1 1"

    walk.hand(over_best)
    walk.shot("roofline.tooltip", "tooltip")
    walk.hand(lambda facts: "mousemove 3 3")
    walk.show("relations")
    walk.act("relations.kind", "heatmap")
    walk.wait("idle")
    walk.point("relations.cell.*")
    walk.shot("relations.tooltip", "tooltip")
    walk.hand(lambda facts: "mousemove 3 3")
    # What is beside the main window, with room for all of a panel.
    for panel in ("counters", "why", "details", "space"):
        walk.act("panel.tear_off", panel)
        walk.steps.append({"size": [900, 1400], "window": 2})
        walk.shot("second." + panel, panel, window=2)
        walk.act("panel.put_back", panel)
    walk.act("layout.reset")
    # A run with failures, and three in the history.
    walk.act("run.first")
    walk.wait("sweep")
    walk.act("problem.choose", "softmax_bias_scale_sigmoid")
    walk.act("problem.dtype", "bf16")
    walk.wait("idle")
    walk.act("run.start")
    walk.wait("sweep")
    walk.wait("idle")
    walk.act("messages.dismiss")
    walk.act("history.annotate", "1=a night's sweep, before the driver was changed; kept for the comparison with the next")
    walk.act("history.tags", "1=paper baseline")
    walk.act("history.title", "2=softmax, first try")
    walk.act("history.compare", "1,2")
    walk.shot("history.compared")
    walk.act("results.filter", "outcome!=ok")
    walk.show("results")
    walk.shot("results.filtered")
    walk.act("results.filter", "")
    # Menus and popups, by the keyboard and the mouse.
    walk.act("layout.reset")
    for menu in ("file", "sweep", "selection", "view", "help"):
        walk.act("menu.open", menu)
        walk.shot("menu." + menu, "open." + menu)
        walk.keys("Escape")
    for path in (walk.problems, walk.recording):
        walk.act("file.open", str(path))
        walk.wait("idle")
    walk.act("messages.dismiss")
    for title, menu in (("Open recent", "file"), ("Export", "file"), ("Forget a folder of problems", "file"), ("Panels", "view"), ("Plots in files", "view"), ("Scale", "view")):
        walk.act("menu.open", menu)
        walk.wait("frames", count=5)
        walk.point("item." + title, then="sleep 0.5")
        walk.shot("menu." + title.lower().replace(" ", "_"), "popup." + title)
        # Under the pointer a submenu that Escape closed opens again.
        walk.point("roofline", 0.9, 0.95)
        walk.keys("Escape", "Escape", "Escape")
    walk.point("tab.roofline", then="click 3")
    walk.shot("menu.tab", "popup.tab")
    walk.keys("Escape")
    walk.point("button.more tabs", then="click 1")
    walk.shot("menu.more_tabs", "popup.more tabs")
    walk.keys("Escape")
    walk.show("results")
    walk.point("column.time", then="click 3")
    walk.shot("menu.column", "popup.column")
    walk.keys("Escape")
    walk.point("results", 110 * walk.scale, 130 * walk.scale, then="click 3")  # Not on the border of a column.
    walk.shot("menu.row", "popup.row")
    walk.keys("Escape")
    walk.point("button.columns", then="click 1")
    walk.shot("popup.columns", "popup.columns")
    walk.keys("Escape")
    walk.show("problem")
    walk.point("problem", 0.5, 20, then="click 1")
    walk.shot("popup.problems", "popup.list")
    walk.keys("Escape")
    walk.show("history")
    walk.act("history.note_dialog", "1")
    walk.shot("dialog.annotate", "dialog.Note on a run")
    walk.keys("Escape")
    walk.act("history.remove_dialog", "1")
    walk.shot("dialog.delete", "dialog.Delete the run?")
    walk.keys("Escape")
    for action, name, title in (("file.export", "export", "dialog.Export"), ("export.report", "report", "dialog.Export"), ("export.torch", "package", "dialog.Export"),
                                ("file.open_dialog", "open", "dialog.Open a file"), ("help.shortcuts", "shortcuts", "dialog.Keyboard and mouse"),
                                ("help.about", "about", "dialog.About Fuseline"), ("workers.show", "workers", "dialog.Workers"),
                                ("palette.open", "palette", "palette")):
        walk.act(action)
        walk.shot("dialog." + name, title)
        walk.keys("Escape")
    walk.act("workers.add", "host a-rather-long-name-of-a-machine.in.the.data.centre.example.org:8")
    walk.act("workers.show")
    walk.shot("dialog.workers_one", "dialog.Workers")
    walk.keys("Escape")
    walk.act("run.first")
    walk.wait("frames", count=2)
    walk.act("run.start")
    walk.shot("dialog.queueing", "dialog.A sweep is running", settled=False)
    walk.keys("Escape")
    walk.act("run.queue")
    walk.act("run.queue")
    walk.act("queue.show")
    walk.shot("dialog.queue", "dialog.Queue", settled=False)
    walk.keys("Escape")
    walk.wait("sweep")
    walk.wait("idle")
    walk.act("messages.dismiss")
    # Lines with samples, SASS and opcodes; what is pinned, beside what is selected.
    walk.act("file.open", str(walk.recording))
    walk.wait("idle")
    walk.act("select.best")
    walk.act("layout.reset")
    for view in ("source", "instructions", "opcodes"):
        walk.act("source.view", view)
        walk.show("source")
        walk.shot("source." + view, "source")
    walk.act("source.view", "source")
    walk.act("source.find", "row")
    walk.shot("source.found", "source")
    walk.point("source.hot_line", 0.3)
    walk.shot("source.tooltip", "tooltip")
    walk.hand(lambda facts: "mousemove 3 3")
    walk.act("pin.configuration")
    walk.act("pin.run", "1")
    walk.act("select.rows", "3,5,7,9")
    walk.act("pin.configuration")
    walk.act("select.rows", "11,12,13")
    walk.act("source.against")
    for panel in ("source", "compare", "details", "roofline", "results"):
        walk.show(panel)
        walk.shot("pinned." + panel, panel)
    walk.show("compare")
    walk.point("compare", 40 * walk.scale, 20 * walk.scale, then="click 3")
    walk.shot("menu.pin", "popup.pin")
    walk.keys("Escape")
    walk.act("palette.open")
    walk.wait("frames", count=4)
    walk.hand(lambda facts: "type --delay 60 annotate")
    walk.keys("Return")
    walk.shot("dialog.palette_argument")
    walk.keys("Escape")
    walk.act("file.open", "/nonexistent/folder/with/a/very/long/name/that/does/not/fit/one/line/run.t4.json")
    walk.act("export.json", "/nonexistent/best.json")
    walk.act("export.roofline", "/tmp/roofline.gif")
    walk.shot("toasts")
    walk.act("messages.dismiss")
    walk.steps.append({"quit": True})


def play(walk, binary, size, scale, theme, state):
    width, height = size
    script = state / "script.json"
    script.write_text(json.dumps(walk.steps))
    environment = dict(os.environ, XDG_DATA_HOME=str(state / "data"), XDG_CONFIG_HOME=str(state / "config"), XDG_CACHE_HOME=str(state / "cache"), LIBGL_ALWAYS_SOFTWARE="1")
    start = state / "start.sh"
    start.write_text(f'echo "$DISPLAY" > {state}/display.tmp; echo "$XAUTHORITY" >> {state}/display.tmp; mv {state}/display.tmp {state}/display\n'
                     f"exec {binary} --db {state}/runs.db --settings none --width {width} --height {height} --scale {scale} --check-drawing --script {script}\n")
    program = subprocess.Popen(["xvfb-run", "-a", "-s", f"-screen 0 {width}x{height}x24", "bash", str(start)], env=environment)

    def there(file):
        while program.poll() is None and not os.path.exists(file):
            time.sleep(0.02)
        return os.path.exists(file)

    def hands():
        if not there(state / "display"):
            return
        display, authority = (state / "display").read_text().split("\n")[:2]
        on = dict(environment, DISPLAY=display, XAUTHORITY=authority)
        for i, (turn, do) in enumerate(walk.live):
            if not there(turn + ".at"):
                return
            if i == 0:  # Without a window manager nobody gives the window the keyboard.
                subprocess.run("xdotool mousemove 5 5 search --sync --onlyvisible --name Fuseline windowfocus --sync", shell=True, env=on, check=False)
            time.sleep(0.03)
            with open(turn + ".at", encoding="utf-8") as facts:
                subprocess.run("xdotool " + do(json.load(facts)), shell=True, env=on, check=False)
            time.sleep(0.12)
            pathlib.Path(turn + ".go").touch()

    thread = threading.Thread(target=hands)
    thread.start()
    code = program.wait()
    thread.join()
    return code


def shows_nothing(facts, wanted):
    """Of a menu whose button is only there where tabs have no room: a size that has room for all has no such picture."""
    return "popup.more tabs" in wanted and "popup.more tabs" not in facts["boxes"] and "button.more tabs" not in facts["boxes"]


def faults_of(facts, wanted, picture):
    """What is wrong by computation with what was drawn."""
    boxes = dict(facts["boxes"])
    boxes.update((facts["second_window"] or {}).get("boxes", {}))
    faults = [f"{picture}: {name} is not open" for name in wanted if name not in boxes]
    thin = ("splitter", "relations.axis", "item.")
    # One item, a line of text or a small button, is lower than a panel may be.
    items = set(facts["items"]) | set((facts["second_window"] or {}).get("items", []))
    small = [name for name, box in boxes.items() if min(box[2:]) < (2 if name.startswith(thin) else 12 if name in items else 20)]
    if small:
        faults.append(f"{picture}: no room for {', '.join(small)}")
    fields = [box for name, box in boxes.items() if name.startswith("field.")]
    for cut in facts["cut"]:
        left, top, width, height = cut["box"]
        # A field scrolls as one types.
        if not any(box[0] <= left + 2 and box[1] <= top + 2 and box[1] + box[3] >= top + height - 2 for box in fields):
            faults.append(f"{picture}: cut off in {cut['in']}: {cut['text']}")
    return faults


def check():
    """What has no picture."""
    names, unnoted = everything()
    walk = Walk("", "")
    walk.recording = walk.problems = pathlib.Path("x")
    tour(walk, "dark")
    missing = sorted(names - {name for wanted in walk.wanted.values() for name in wanted})
    for name in missing:
        print(f"FAILED {name} has no picture: add it to tour() in {__file__}")
    for line in unnoted:
        print(f"FAILED a popup that noted() does not know: {line}")
    return 1 if missing or unnoted else 0


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--bin", default=str(ROOT / "build/release/bin"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    out = pathlib.Path(options.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    failed = []
    for size in ((1280, 800), (2560, 1440)):
        for scale in (1, 2):
            for theme in ("dark", "light"):
                prefix = f"{size[0]}x{size[1]}.{scale}.{theme}"
                if options.only not in prefix:
                    continue
                with tempfile.TemporaryDirectory() as state:
                    walk = Walk(state, prefix, scale)
                    walk.recording, walk.problems = pathlib.Path(state) / "with_lines.t4.json", pathlib.Path(state) / "problems"
                    with_lines(walk.recording)
                    own = shutil.copytree(ROOT / "kernels/bias_gelu", walk.problems / "own_bias_gelu") / "problem.json"
                    own.write_text(own.read_text().replace('"bias_gelu"', '"own_bias_gelu"'))
                    tour(walk, theme)
                    code = play(walk, pathlib.Path(options.bin).resolve() / "fuseline-gui", size, scale, theme, pathlib.Path(state))
                    if code != 0:
                        failed.append(f"{prefix}: exit code {code}")
                    for picture in walk.pictures:
                        if not os.path.exists(picture):
                            failed.append(f"{picture}: not taken")
                            continue
                        with open(picture[:-4] + ".json", encoding="utf-8") as file:
                            facts = json.load(file)
                        if shows_nothing(facts, walk.wanted[picture]):
                            continue
                        shutil.move(picture, out)
                        failed += faults_of(facts, walk.wanted[picture], os.path.basename(picture))
                print(f"{prefix}: {len(walk.pictures)} pictures", flush=True)
    for line in failed:
        print("FAILED", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
