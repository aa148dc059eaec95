#!/usr/bin/env python3
"""Pictures of every panel, menu and dialog of fuseline-gui with a replayed sweep, at 1280x800 and 2560x1440, scale 1 and 2, dark and light, for a person to look at.

usage: walk_through.py OUT_DIR [--bin BIN_DIR] [--only TEXT]    BIN_DIR: where fuseline-gui is (default: build/release/bin); --only: sets whose name has TEXT, as "1280x800.2"
Needs xvfb-run and xdotool. Exit code 1 where a picture is missing or a panel got no room."""
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


class Walk:
    """A script for the program, and what the mouse and the keyboard do between its steps."""

    def __init__(self, folder, prefix):
        self.folder, self.prefix = folder, prefix
        self.steps, self.live, self.pictures = [], [], []

    def act(self, name, value=""):
        self.steps.append({"action": name, "value": value} if value else {"action": name})

    def wait(self, what, **more):
        self.steps.append({"wait": what, **more})

    def show(self, *panels):
        for panel in panels:
            self.act("panel.show", panel)

    def shot(self, name):
        """A picture, and where everything was."""
        self.wait("idle")
        self.wait("frames", count=5)
        file = f"{self.folder}/{self.prefix}.{name}.png"
        self.steps.append({"screenshot": file})
        self.steps.append({"facts": f"{self.folder}/{self.prefix}.{name}.json"})
        self.pictures.append(file)

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
        """The pointer to a place in a box, in shares of it, or in pixels from its start where a number is over 1."""

        def words(facts):
            left, top, width, height = facts["boxes"][box]
            across, down = (x if x > 1 else x * width), (y if y > 1 else y * height)
            return f"mousemove {round(left + across)} {round(top + down)} sleep 0.2 {then}"

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
        walk.shot("panel." + panel)
    walk.act("layout.reset")
    walk.act("select.tied")
    walk.shot("tied_selected")
    walk.act("select.rows", "0,1,2,3")
    for panel in ("samples", "compare", "details"):
        walk.show(panel)
        walk.shot("several." + panel)
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
    walk.act("roofline.fit")
    walk.show("roofline")
    walk.shot("roofline.fit")
    walk.point("roofline.plot", 0.5, 0.5)

    def over_best(facts):
        best = [mark for mark in facts["marks"] if mark["sequence"] == facts["best"]]
        return f"mousemove {round(best[0]['x'])} {round(best[0]['y'])} sleep 0.2" if best else "mousemove 1 1"

    walk.hand(over_best)
    walk.shot("roofline.tooltip")
    walk.hand(lambda facts: "mousemove 3 3")
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
        walk.shot("menu." + menu)
        walk.keys("Escape")
    walk.act("menu.open", "file")
    walk.keys("Down", "Right")
    walk.shot("menu.export")
    walk.keys("Escape", "Escape")
    walk.act("menu.open", "view")
    walk.keys("Right")
    walk.shot("menu.panels")
    walk.keys("Escape", "Escape")
    walk.point("tab.roofline", then="click 3")
    walk.shot("menu.tab")
    walk.keys("Escape")
    walk.show("results")
    walk.point("results", 60, 120, then="click 3")
    walk.shot("menu.row")
    walk.keys("Escape")
    walk.show("problem")
    walk.point("problem", 0.5, 20, then="click 1")
    walk.shot("popup.problems")
    walk.keys("Escape")
    walk.show("history")
    walk.act("history.note_dialog", "1")
    walk.shot("dialog.annotate")
    walk.keys("Escape")
    walk.act("history.remove_dialog", "1")
    walk.shot("dialog.delete")
    walk.keys("Escape")
    for action, name in (("file.export", "export"), ("file.open_dialog", "open"), ("help.shortcuts", "shortcuts"), ("palette.open", "palette")):
        walk.act(action)
        walk.shot("dialog." + name)
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
                     f"exec {binary} --db {state}/runs.db --settings none --width {width} --height {height} --scale {scale} --script {script}\n")
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


def main():
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
                    walk = Walk(state, prefix)
                    tour(walk, theme)
                    code = play(walk, pathlib.Path(options.bin).resolve() / "fuseline-gui", size, scale, theme, pathlib.Path(state))
                    if code != 0:
                        failed.append(f"{prefix}: exit code {code}")
                    for picture in walk.pictures:
                        if not os.path.exists(picture):
                            failed.append(f"{picture}: not taken")
                            continue
                        shutil.move(picture, out)
                        with open(picture[:-4] + ".json", encoding="utf-8") as facts:
                            small = [name for name, box in json.load(facts)["boxes"].items() if min(box[2:]) < (2 if name.startswith("splitter") else 20)]
                        if small:
                            failed.append(f"{picture}: no room for {', '.join(small)}")
                print(f"{prefix}: {len(walk.pictures)} pictures", flush=True)
    for line in failed:
        print("FAILED", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
