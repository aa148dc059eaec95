"""A client of `fuseline mcp`: starts it, sends lines, and reads what comes back, as an agent's host does."""

import json
import os
import pathlib
import queue
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("FUSELINE_BIN_DIR", ROOT / "build" / "ci" / "bin"))
PATIENCE_S = 120


class Client:
    """One conversation, in a folder of its own."""

    def __init__(self, folder, *options, **changes):
        """`changes`: of the environment."""
        self.folder = pathlib.Path(folder)
        environment = {**os.environ, "XDG_DATA_HOME": str(self.folder / "data"),
                       "XDG_CACHE_HOME": str(self.folder / "cache"), **changes}
        environment.pop("FUSELINE_PATH", None)
        self.errors = open(self.folder / "stderr", "wb")
        self.process = subprocess.Popen([BINARIES / "fuseline", "mcp", *map(str, options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        cwd=self.folder, env=environment)
        self.lines = queue.Queue()
        self.ids = 0
        self.notifications = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_bytes(json.dumps(message).encode() + b"\n")

    def receive(self):
        """The next message; None where the output has ended. Every line must be one."""
        line = self.lines.get(timeout=PATIENCE_S)
        return None if line is None else json.loads(line)

    def notify(self, method, **params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def begin(self, method, **params):
        """Sends a request; its id."""
        self.ids += 1
        self.send({"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params})
        return self.ids

    def answer(self, wanted):
        """The answer to a request; notifications before it are kept."""
        while True:
            message = self.receive()
            assert message is not None, "the server has gone"
            if "id" not in message:
                self.notifications.append(message)
            elif message["id"] == wanted:
                return message
            else:
                raise AssertionError(f"an answer to {message['id']} in place of {wanted}")

    def ask(self, method, **params):
        return self.answer(self.begin(method, **params))

    def greet(self, version="2025-06-18"):
        result = self.ask("initialize", protocolVersion=version, capabilities={},
                          clientInfo={"name": "test", "version": "0"})["result"]
        self.notify("notifications/initialized")
        return result

    def call(self, tool, **arguments):
        """What a tool answers: its structure, which is also its text."""
        result = self.ask("tools/call", name=tool, arguments=arguments)["result"]
        text = result["content"][0]["text"]
        assert len(text.encode()) <= 4096, f"{tool} answered {len(text)} bytes"
        if result["isError"]:
            raise ToolError(text)
        assert json.loads(text) == result["structuredContent"]
        return result["structuredContent"]

    def end(self):
        """Ends the input; the exit code."""
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)

    def close(self):
        """Whatever became of it."""
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.reader.join(PATIENCE_S)
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            try:
                stream.close()
            except BrokenPipeError:
                pass


class ToolError(Exception):
    pass
