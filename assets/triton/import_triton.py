"""What fuseline import-triton runs: its one argument is the request as JSON, which it has checked."""

import json
import pathlib
import sys
import types

NEEDED = ("torch", "triton", "numpy")


def refuse(text):
    print(f"error: {text}", file=sys.stderr)
    return 2


def main():
    request = types.SimpleNamespace(**json.loads(sys.argv[1]))
    request.file, request.reference = pathlib.Path(request.file), pathlib.Path(request.reference)
    request.output = pathlib.Path(request.output)
    sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
    from fuseline_reference.loading import Refused, missing

    lacking = missing(NEEDED)
    if lacking:
        return refuse(lacking)
    from fuseline_triton.importing import import_kernels

    try:
        import_kernels(request)
    except Refused as refusal:
        return refuse(refusal)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
