"""What fuseline new --reference runs: it says what a model takes and gives, and writes files of it when told to.

A line of JSON each way, as often as is asked. {"describe": {"reference": FILE, "seed": N}} is answered by
{"model": ...}, {"write": ...} of the model described last by {"written": true}, and what cannot be done by
{"error": TEXT}. The user's file is run anew for every "describe". What it prints goes to stderr.
"""

import gc
import json
import os
import pathlib
import queue
import sys
import threading
import traceback

from fuseline_reference.loading import Refused, missing


def asked(questions, lines):
    """Reads along, so that this program ends with the one that started it, whatever the user's file is doing."""
    for line in questions:
        lines.put(line)
    os._exit(1)


class Answers:
    """`model`: of the last "describe"."""

    def __init__(self):
        self.model, self.known = None, set(sys.modules)

    def forget(self, folder):
        """The model before, and the modules of its folder: they may have been edited since."""
        self.model = None
        for name in set(sys.modules) - self.known:
            file = getattr(sys.modules[name], "__file__", None)
            if file and pathlib.Path(file).is_relative_to(folder):
                del sys.modules[name]
        gc.collect()
        self.give_back()

    @staticmethod
    def give_back():
        """The GPU's memory, which kernels are measured in."""
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def answer(self, question):
        lacking = missing(("torch", "numpy"))
        if lacking:
            return {"error": lacking}
        from fuseline_reference.answering import Model

        if "describe" in question:
            path = pathlib.Path(question["describe"]["reference"])
            self.forget(path.resolve().parent)
            self.model = Model(path, question["describe"]["seed"])
            return {"model": self.model.describe()}
        self.model.write(pathlib.Path(question["write"]["folder"]), question["write"])
        self.give_back()
        return {"written": True}

    def of(self, question):
        """answer(), or why there is none."""
        try:
            return self.answer(question)
        except MemoryError:
            path = question["describe"]["reference"] if "describe" in question else self.model.path
            return {"error": f"{path}: there is not enough memory for it in fp64"}
        except Refused as refusal:
            return {"error": str(refusal)}


def main():
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # exit() in the user's file closes it, which would wait for a line.
    sys.dont_write_bytecode = True  # What was compiled a second ago would be taken for what was edited since.

    lines = queue.Queue()
    threading.Thread(target=asked, args=(questions, lines), daemon=True).start()
    answers = Answers()
    try:
        while True:
            channel.write(json.dumps(answers.of(json.loads(lines.get()))) + "\n")
            channel.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # A thread of the user's file keeps nothing waiting.


if __name__ == "__main__":
    main()
