"""`fuseline mcp` as an agent's host speaks to it: a whole loop on a recording, cancellation, and malformed input."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from client import BINARIES, PATIENCE_S, ROOT, Client, ToolError


class Conversations(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, True)

    def open(self, *options):
        client = Client(self.folder, *options)
        self.addCleanup(client.close)
        return client

    def scripted(self, **script):
        """The command of a worker without a GPU."""
        path = self.folder / "script.json"
        path.write_text(json.dumps({"log": str(self.folder / "worker.log"), **script}))
        return f"{BINARIES / 'scripted_worker'} {path}"

    def logged(self, word):
        log = self.folder / "worker.log"
        return log.read_text().count(word) if log.exists() else 0


class Loop(Conversations):
    def test_from_listing_to_the_brief(self):
        client = self.open("--device", "replay:h200")
        greeting = client.greet()
        self.assertEqual(greeting["protocolVersion"], "2025-06-18")
        self.assertEqual(greeting["serverInfo"]["name"], "fuseline")
        tools = {tool["name"]: tool for tool in client.ask("tools/list")["result"]["tools"]}
        self.assertEqual(set(tools), {"problems", "check", "sweep", "profile", "explain", "export"})
        self.assertEqual(tools["sweep"]["inputSchema"]["properties"]["dtype"]["enum"], ["f32", "f16", "bf16"])

        names = [each["name"] for each in client.call("problems")["problems"]]
        self.assertIn("swiglu", names)
        space = client.call("problems", problem="swiglu", dtype="f16")
        self.assertEqual(space["sized_for"]["dtype"], "f16")
        self.assertGreater(space["configurations"], 0)

        checked = client.call("check", problem="swiglu", compile=False, cc=[90])
        self.assertTrue(checked["clean"], checked)

        request = client.begin("tools/call", name="sweep", arguments={"problem": "swiglu", "target": "rtx4090"},
                               _meta={"progressToken": "sweep"})
        swept = client.answer(request)["result"]["structuredContent"]
        self.assertEqual(swept["device"]["backend"], "replay")
        self.assertFalse(swept["device"]["measured_now"])
        self.assertGreater(swept["of_floor"], 0.5)
        self.assertTrue(swept["projection"]["projected"])
        self.assertTrue(swept["bounds"])
        self.assertEqual(swept["run"], 1)
        result = json.loads(pathlib.Path(swept["full"]).read_text())
        self.assertEqual(result["schema"], "fuseline/result/1")
        self.assertEqual(result["best"]["config"], swept["best"]["config"])

        explained = client.call("explain", run=1)
        self.assertEqual(explained["configuration"]["config"], swept["best"]["config"])
        self.assertLessEqual(len(explained["advice"]), 3)
        self.assertTrue(all(advice["reading"] for advice in explained["advice"]))
        of_file = client.call("explain", run=swept["full"], target="l4")
        self.assertEqual(of_file["projection"]["target"], "l4")

        profiled = client.call("profile", problem="swiglu", variants=[swept["best"]["variant"]],
                               params=swept["best"]["config"])
        self.assertEqual(profiled["best"]["config"], swept["best"]["config"])
        self.assertTrue(profiled["counters"])

        brief = client.call("export", run="1", format="brief", output="brief.md")
        self.assertTrue(pathlib.Path(brief["file"]).read_text().startswith("# swiglu: "))
        client.call("export", run=1, format="json", output="best.json")
        self.assertEqual(json.loads((self.folder / "best.json").read_text())["best"], result["best"])
        self.assertEqual(client.end(), 0)

    def test_packages_are_written_with_images_of_a_worker(self):
        client = self.open("--device", "replay:h200", "--worker", self.scripted(), "--db", ":memory:")
        client.greet()
        recording = ROOT / "presets/recordings/h200/swiglu.f32.default.t4.json"
        package = client.call("export", run=str(recording), format="torch", output="ops")
        self.assertGreaterEqual(package["entries"], 2)
        self.assertTrue((self.folder / "ops" / "wisdom.json").exists())
        self.assertEqual(client.end(), 0)

    def test_a_sweep_that_is_not_kept_is_explained_from_its_file(self):
        client = self.open("--device", "replay:h200", "--db", ":memory:")
        client.greet()
        swept = client.call("sweep", problem="bias_gelu", budget="20")
        self.assertIsNone(swept["run"])
        self.assertTrue(client.call("explain", run=swept["full"])["bounds"])
        with self.assertRaisesRegex(ToolError, "argument 'run': is needed"):
            client.call("explain")
        self.assertEqual(client.end(), 0)

    def test_wrong_arguments_are_named(self):
        client = self.open("--device", "replay:h200")
        client.greet()
        for tool, arguments, message in (
                ("sweep", {"problem": "swiglo"}, "did you mean swiglu"),
                ("sweep", {"problem": "swiglu", "budget": "soon"}, "argument 'budget': "),
                ("sweep", {"problem": "swiglu", "shap": "wide"}, "argument 'shap': .*did you mean shape"),
                ("sweep", {"problem": "swiglu", "params": {"block": [77]}}, "77|block"),
                ("sweep", {"problem": "swiglu", "device": "replay:nowhere"}, "nowhere"),
                ("explain", {}, "run"),
                ("explain", {"run": "nowhere.json"}, "nowhere.json"),
                ("profile", {"problem": "swiglu"}, "argument '(variants|params)': "),
                ("export", {"format": "brief"}, "argument 'output': is needed"),
                ("export", {"format": "brie", "output": "a"}, "argument 'format': 'brie' is none of brief, "),
                ("check", {"problem": "swiglo"}, "did you mean swiglu"),
                ("problems", {"problem": "swiglu", "dims": {"M": "8"}}, "argument 'dims': ")):
            with self.assertRaisesRegex(ToolError, message):
                client.call(tool, **arguments)
        self.assertEqual(client.end(), 0)


class Measured(Conversations):
    def test_a_folder_is_checked_and_measured(self):
        shutil.copytree(ROOT / "tests/data/user_problem", self.folder / "mine")
        client = self.open("--worker", self.scripted())
        client.greet()
        static = client.call("check", folders=["mine"], compile=False)
        self.assertTrue(static["clean"], static)
        measured = client.call("check", folders=["mine"], measure=True, params={"order": "plain"}, budget="4")
        self.assertEqual(measured["schema"], "fuseline/measured_check/1")
        self.assertEqual(measured["status"], "ok")
        self.assertEqual(measured["outcomes"], {"ok": 4})
        self.assertTrue(pathlib.Path(measured["full"]).exists())
        source = (self.folder / "mine/problem.json").read_text()
        (self.folder / "mine/problem.json").write_text("{")
        self.assertEqual(client.call("check", folders=["mine"], measure=True)["status"], "invalid")
        (self.folder / "mine/problem.json").write_text(source)
        swept = client.call("sweep", problem="scale_add", folders=["mine"], budget="3")
        self.assertEqual(swept["device"]["name"], "Scripted GPU")
        self.assertEqual(client.end(), 0)

    def slow_sweep(self, client):
        """Starts a sweep of some minutes, and returns once it measures."""
        request = client.begin("tools/call", name="sweep", _meta={"progressToken": 7},
                               arguments={"problem": "layernorm_gelu_scale", "shape": "small"})
        while True:
            message = client.receive()
            self.assertEqual(message["method"], "notifications/progress")
            self.assertEqual(message["params"]["progressToken"], 7)
            if message["params"]["progress"] >= 2:
                return request

    def test_a_cancelled_sweep_ends(self):
        client = self.open("--worker", self.scripted(delay_ms=500))
        client.greet()
        request = self.slow_sweep(client)
        self.assertEqual(client.ask("ping")["result"], {})
        client.notify("notifications/cancelled", requestId=request, reason="enough")
        begun = time.monotonic()
        names = client.begin("tools/call", name="problems", arguments={"problem": "swiglu"})
        while (message := client.receive()).get("id") != names:
            self.assertEqual(message.get("method"), "notifications/progress", "a cancelled request was answered")
        self.assertLess(time.monotonic() - begun, 30)
        measured = self.logged("measured ")
        time.sleep(1.5)
        self.assertEqual(self.logged("measured "), measured, "it goes on")
        self.assertEqual(client.end(), 0)

    def test_the_end_of_the_input_stops_a_sweep(self):
        client = self.open("--worker", self.scripted(delay_ms=500))
        client.greet()
        self.slow_sweep(client)
        begun = time.monotonic()
        self.assertEqual(client.end(), 0)
        self.assertLess(time.monotonic() - begun, 30)
        measured = self.logged("measured ")
        time.sleep(1.5)
        self.assertEqual(self.logged("measured "), measured, "a worker lives on")

    def test_a_signal_is_an_end_in_order(self):
        client = self.open("--worker", self.scripted(delay_ms=100))
        client.greet()
        client.begin("tools/call", name="sweep", arguments={"problem": "layernorm_gelu_scale", "shape": "small"},
                     _meta={"progressToken": 1})
        client.receive()
        client.process.terminate()
        self.assertEqual(client.process.wait(PATIENCE_S), 0)

    def test_a_client_that_no_longer_reads_is_an_end(self):
        reader, writer = os.pipe()
        process = subprocess.Popen([BINARIES / "fuseline", "-q", "mcp"], stdin=subprocess.PIPE, stdout=writer)
        self.addCleanup(process.kill)
        os.close(writer)
        os.close(reader)
        process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        process.stdin.flush()
        self.assertEqual(process.wait(PATIENCE_S), 0, "its input is still open")
        process.stdin.close()


class Malformed(Conversations):
    def test_lines_that_are_no_messages_are_lived_through(self):
        client = self.open("--device", "replay:h200")
        client.greet()
        for line, code in ((b"garbage", -32700), (b"\xff\xfe\x00", -32700), (b"[" * 5000, -32700),
                           (b"{\"jsonrpc\":\"2.0\",\"id\":1", -32700), (b"[]", -32600), (b"7", -32600),
                           (b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", -32600),
                           (b"x" * (3 << 20), -32600)):
            client.send_bytes(line + b"\n")
            error = client.receive()
            self.assertEqual(error["error"]["code"], code, line[:40])
            self.assertIsNone(error["id"])
        client.send_bytes(b"\n  \r\n")
        unknown = client.ask("sampling/createMessage")
        self.assertEqual(unknown["error"]["code"], -32601)
        self.assertEqual(client.ask("tools/call", name="rm")["error"]["code"], -32602)
        client.notify("notifications/roots/list_changed")
        client.send([{"jsonrpc": "2.0", "id": "a", "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/x"},
                     {"jsonrpc": "2.0", "id": "b", "method": "tools/call",
                      "params": {"name": "problems", "arguments": {"problem": "swiglu"}}}])
        self.assertEqual([each["id"] for each in client.receive()], ["a", "b"])
        self.assertEqual(client.ask("ping")["result"], {})
        self.assertEqual(client.end(), 0)

    def test_only_the_protocol_is_written_to_standard_output(self):
        client = self.open("--device", "replay:h200")
        client.send_bytes(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
        self.assertEqual(client.end(), 0)
        self.assertEqual(client.receive(), {"jsonrpc": "2.0", "id": 1, "result": {}})
        self.assertIsNone(client.receive())
        self.assertIn(b"Model Context Protocol", (self.folder / "stderr").read_bytes())


if __name__ == "__main__":
    unittest.main()
