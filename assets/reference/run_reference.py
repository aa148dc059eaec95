"""What fuseline new --reference runs: it says what a model takes and gives, and writes files of it when told to.

A line of JSON each way: first the model on stdout, then what to write on stdin, then that it is written. Its one
argument is the request as JSON. What the user's file prints goes to stderr.
"""

import json
import os
import pathlib
import queue
import sys
import threading
import traceback


def asked(questions, lines):
    """Reads along, so that this program ends with the one that started it, whatever the user's file is doing."""
    for line in questions:
        lines.put(line)
    os._exit(1)


def answer(request, say, lines):
    from fuseline_reference.loading import Refused, missing

    lacking = missing(("torch", "numpy"))
    if lacking:
        return say(error=lacking)
    from fuseline_reference.answering import Model

    try:
        model = Model(pathlib.Path(request["reference"]), request["seed"])
        say(model=model.describe())
        wanted = json.loads(lines.get())
        model.write(pathlib.Path(wanted["folder"]), wanted)
        say(written=True)
    except Refused as refusal:
        say(error=str(refusal))
    except MemoryError:
        say(error=f"{request['reference']}: there is not enough memory for it in fp64")


def main():
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # exit() in the user's file closes it, which would wait for a line.

    def say(**message):
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    lines = queue.Queue()
    threading.Thread(target=asked, args=(questions, lines), daemon=True).start()
    try:
        answer(json.loads(sys.argv[1]), say, lines)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # A thread of the user's file keeps nothing waiting.


if __name__ == "__main__":
    main()
