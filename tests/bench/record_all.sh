#!/bin/sh
# Makes the recordings of a folder again on a GPU: each with the request that it holds (problem, shape, dtype, budget, counters, seed, ...), and
# with where the warps of its best are, which those of before have not.
#   record_all.sh plan [-r FOLDER] [NAME]...            a table: configurations and seconds of each as it was recorded; no GPU
#   record_all.sh run -o OUT [-r FOLDER] [-p PREFIX] [-t SECONDS] [NAME]...
# FOLDER: recordings to make again (default: presets/recordings/h200 of this tree). NAME: a recording's name up to .t4.json; all where none is given.
# PREFIX: an install tree (default: the tree this script was installed with, build/release, or the fuseline of the PATH). DEVICE: the device (default cuda:0).
# OUT gets NAME.t4.json (.gz where the one in FOLDER is), NAME.log, and record.csv: name, configurations, seconds of the sweep, wall seconds.
# It can be cut and resumed: what OUT has is left out, a sweep that was interrupted leaves nothing, and after SECONDS no further one is begun.
# Cubins are kept in OUT/cache, so that a sweep that is repeated compiles nothing. Ceilings, with the copy's counters, are measured once, first.
# Exit 1 where a sweep failed, 3 where SECONDS were not enough: run it again with the same OUT. Needs python3.
set -eu

usage() {
  sed -n '3,4p' "$0" | sed 's/^# *//' >&2
  exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
[ $# -gt 0 ] || usage
mode=$1
shift
case $mode in plan | run) ;; *) usage ;; esac
folder=$tree/presets/recordings/h200
[ -d "$folder" ] || folder=$tree/share/fuseline/presets/recordings/h200
out='' prefix='' limit=0
while getopts r:o:p:t: option; do
  case $option in
    r) folder=$OPTARG ;;
    o) out=$OPTARG ;;
    p) prefix=$OPTARG ;;
    t) limit=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ -d "$folder" ] || { echo "record_all.sh: $folder is no folder" >&2; exit 2; }
case $limit in *[!0-9]* | '') echo "record_all.sh: -t $limit is no number of seconds" >&2; exit 2 ;; esac

# One line a recording: name, suffix, configurations, seconds, seconds of compilers, then the arguments of its sweep, quoted for a shell.
requests() {
  python3 - "$folder" "$@" <<'PYTHON'
import gzip, json, pathlib, shlex, sys
folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
found = {}
for path in sorted(folder.iterdir()):
    for suffix in (".t4.json", ".t4.json.gz"):
        if path.name.endswith(suffix):
            found[path.name.removesuffix(suffix)] = (path, suffix)
unknown = [name for name in names if name not in found]
if unknown:
    sys.exit(f"record_all.sh: {folder} has no recording {', '.join(unknown)}")
for name in names or found:
    path, suffix = found[name]
    with (gzip.open if suffix.endswith(".gz") else open)(path, "rt") as file:
        recording = json.load(file)
    run = recording["metadata"]["fuseline"]
    request = run["request"]
    words = [request["problem"], "--dtype", request["dtype"], "--seed", request["seed"], "--strategy", request["strategy"],
             "--counters", request["counters"], "--abandon", request["abandon_factor"], "--source"]
    for option in ("shape", "budget", "after", "target"):
        if request.get(option):
            words += ["--" + option, request[option]]
    if request.get("draws"):
        words += ["--draws", request["draws"]]
    if request.get("full"):
        words.append("--full")
    for variant in request.get("variants", []):
        words += ["--variant", variant]
    for option in ("dims", "scalars"):
        for key, value in request.get(option, []):
            words += ["--" + option.removesuffix("s"), f"{key}={value}"]
    for key, values in request.get("parameters", {}).items():
        words += ["--param", f"{key}={','.join(str(value) for value in values)}"]
    compilers = sum(each.get("times", {}).get("compilation_time", 0) for each in recording["results"]) / 1000
    print(name, suffix, len(recording["results"]), f"{run['seconds']:.1f}", f"{compilers:.1f}", shlex.join(str(word) for word in words), sep="\t")
PYTHON
}

list=$(requests "$@")
if [ "$mode" = plan ]; then
  echo "| recording | configurations | seconds | seconds of compilers |"
  echo "|---|---|---|---|"
  printf '%s\n' "$list" | awk -F '\t' '{ printf "| %s | %d | %.1f | %.1f |\n", $1, $3, $4, $5; n += $3; s += $4; c += $5 }
    END { printf "| all %d | %d | %.1f | %.1f |\n", NR, n, s, c }'
  exit 0
fi

[ -n "$out" ] || usage
if [ -n "$prefix" ]; then
  fuseline=$prefix/bin/fuseline
elif [ -x "$tree/bin/fuseline" ]; then
  fuseline=$tree/bin/fuseline
elif [ -x "$tree/build/release/bin/fuseline" ]; then
  fuseline=$tree/build/release/bin/fuseline
else
  fuseline=$(command -v fuseline) || fuseline=fuseline
fi
[ -x "$fuseline" ] || { echo "record_all.sh: $fuseline is missing: name an install tree by -p" >&2; exit 2; }
mkdir -p "$out"
out=$(cd "$out" && pwd)
export XDG_DATA_HOME="$out/data" XDG_CACHE_HOME="$out/cache"
begun=$(date +%s)
"$fuseline" devices >"$out/devices" 2>"$out/devices.log" || true
[ -f "$out/record.csv" ] || echo "name,configurations,seconds,wall_seconds" >"$out/record.csv"

failed=0 left=0
tab=$(printf '\t')
while IFS="$tab" read -r name suffix _ _ _ words; do
  [ ! -f "$out/$name$suffix" ] || continue
  if [ "$limit" -gt 0 ] && [ $(($(date +%s) - begun)) -ge "$limit" ]; then
    left=$((left + 1))
    continue
  fi
  from=$(date +%s)
  rm -f "$out/$name.part.t4.json"
  # The words were quoted for a shell by requests().
  if eval "\"\$fuseline\" sweep $words --device \"\${DEVICE:-cuda:0}\" --quiet --record \"\$out/\$name.part.t4.json\"" >"$out/$name.log" 2>&1 </dev/null; then
    wall=$(($(date +%s) - from))
    if [ "$suffix" = .t4.json.gz ]; then
      gzip -9 -n -c "$out/$name.part.t4.json" >"$out/$name.part.gz" && mv "$out/$name.part.gz" "$out/$name$suffix" && rm "$out/$name.part.t4.json"
    else
      mv "$out/$name.part.t4.json" "$out/$name$suffix"
    fi
    python3 - "$out/$name$suffix" "$name" "$wall" <<'PYTHON' >>"$out/record.csv"
import gzip, json, sys
path, name, wall = sys.argv[1:]
recording = json.load((gzip.open if path.endswith(".gz") else open)(path, "rt"))
print(name, len(recording["results"]), f"{recording['metadata']['fuseline']['seconds']:.1f}", wall, sep=",")
PYTHON
    tail -n 1 "$out/record.csv"
  else
    rm -f "$out/$name.part.t4.json"
    echo "record_all.sh: $name failed: $(tail -n 1 "$out/$name.log")" >&2
    failed=1
  fi
done <<EOF
$list
EOF
[ "$failed" = 0 ] || exit 1
[ "$left" = 0 ] || { echo "record_all.sh: $left recordings are left; run it again with -o $out" >&2; exit 3; }
