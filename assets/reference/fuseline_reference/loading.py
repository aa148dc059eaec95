"""Files in KernelBench's form, which are programs of the user's."""

import importlib.util
import os
import sys
import traceback

FORM = ("Model", "get_inputs", "get_init_inputs")
RAISED = (Exception, SystemExit)  # What a user's file may end in.


class Refused(Exception):
    """What cannot be done with the user's file, and why."""


def raised(path, doing, error):
    """The refusal for an exception of the user's code, with the line of his file where it has one."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if os.path.abspath(frame.filename) == os.path.abspath(path)]
    place = f"{path}:{lines[-1]}" if lines else f"{path}"
    return Refused(f"{place}: {doing} raises {type(error).__name__}: {error}")


def load(path, wanted):
    """The module of a file that has every name wanted."""
    spec = importlib.util.spec_from_file_location(f"imported_{path.stem}_{len(sys.modules)}", path)
    if spec is None:
        raise Refused(f"{path}: no file of Python's (.py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Triton reads a kernel's source through it.
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except RAISED as error:
        raise raised(path, "importing it", error) from error
    finally:
        sys.path.pop(0)
    for name in wanted:
        if not hasattr(module, name):
            raise Refused(f"{path}: has no {name}; a file in KernelBench's form has {', '.join(wanted)}")
    return module


def missing(names):
    """The first of the packages that this Python lacks, as a message; None where it has them all."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            return f"{sys.executable} has no {name}; FUSELINE_PYTHON names another Python"
    return None
