#!/usr/bin/env bash
# Does memory stay flat, and does any descriptor leak? Samples go to FOLDER/samples.csv, the verdict to standard output; 1 where something grows.
#
#   soak.sh live [PREFIX] [FOLDER] [SECONDS]    a live sweep of the full space of PROBLEM on GPU 0 (600 s): coordinator, worker, compilers, device memory;
#                                               WORKER="command" in our worker's place, such as tests/programs' scripted worker where there is no GPU
#   soak.sh replay [PREFIX] [FOLDER] [ROWS]     a replayed sweep of 100,000 configurations by fuseline, then SWEEPS of them by one fuseline-gui (needs xvfb-run)
#   soak.sh verdict FOLDER                      judges the samples so far of a soak that runs in the background
#
# PREFIX has bin/: an install tree (found beside this script) or a build folder. PROBLEM (layernorm_gelu_scale), STRATEGY (random), SWEEPS (6).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
default_prefix=$here/../../build/release
[ -x "$here/../../bin/fuseline" ] && default_prefix=$here/../..
every=2
sweeps=${SWEEPS:-6}
problem=${PROBLEM:-layernorm_gelu_scale}
die() { echo "soak.sh: $*" >&2; exit 2; }

children() { cat "/proc/$1/task/"*/children 2>/dev/null || awk -v parent="$1" '$4 == parent {printf "%s ", $1}' /proc/[0-9]*/stat 2>/dev/null || true; }
rss() { awk '/^VmRSS/ {print $2}' "/proc/$1/status" 2>/dev/null || true; }
descriptors() { ls "/proc/$1/fd" 2>/dev/null | wc -l; }
seconds() { awk '{printf "%.1f", $1}' /proc/uptime; }
# sample NAME PID: one line, where the process is still there.
sample() {
  local kib
  kib=$(rss "$2")
  [ -n "$kib" ] && echo "$(seconds),$1,$kib,$(descriptors "$2"),$(evaluations)" >>"$folder/samples.csv"
  return 0
}
evaluations() { if [ -f "$folder/trace.jsonl" ]; then wc -l <"$folder/trace.jsonl"; else echo 0; fi; }

# What one look at coordinator $1 and all that it started gives.
look() {
  local worker compiler kib=0 count=0 used
  sample coordinator "$1"
  for worker in $(children "$1"); do
    sample worker "$worker"
    for compiler in $(children "$worker"); do
      used=$(rss "$compiler")
      kib=$((kib + ${used:-0}))
      count=$((count + $(descriptors "$compiler")))
    done
    [ "$kib" -gt 0 ] && echo "$(seconds),compilers,$kib,$count,$(evaluations)" >>"$folder/samples.csv"
  done
  if [ "${device:-}" = 1 ]; then
    used=$(nvidia-smi -i 0 --query-gpu=memory.used --format=csv,noheader,nounits 2>/dev/null || true)
    [ -n "$used" ] && echo "$(seconds),device,$((used * 1024)),0,$(evaluations)" >>"$folder/samples.csv"
  fi
  return 0
}

# After a warm-up of a tenth of the samples the last third is held against the first: they may differ by 5 % + 8 MiB, descriptors not at all. What a process
# grew by for each evaluation that was made is shown. The run is over when its evaluations come back from the store for the finals: END leaves that out.
verdict() {
  [ -s "$folder/samples.csv" ] || die "there are no samples in $folder"
  awk -F, -v end="${END:-0}" '
    end && $1 > end { next }
    { n[$2]++; at[$2, n[$2]] = $1; rss[$2, n[$2]] = $3; fds[$2, n[$2]] = $4; evaluations[$2, n[$2]] = $5 }
    function mean(what, name, from, to,   i, sum) { for (i = from; i <= to; ++i) sum += what[name, i]; return sum / (to - from + 1) }
    function most(name, from, to,   i, top) { for (i = from; i <= to; ++i) if (fds[name, i] > top) top = fds[name, i]; return top + 0 }
    END {
      printf "%-12s %8s %12s %12s %10s %14s %11s  %s\n", "process", "samples", "first third", "last third", "growth", "an evaluation", "descriptors", "verdict"
      for (name in n) {
        from = int(n[name] / 10) + 1; third = int((n[name] - from + 1) / 3)
        if (third < 2) { printf "%-12s %8d  too few samples\n", name, n[name]; bad = 1; continue }
        last = n[name] - third + 1
        a = mean(rss, name, from, from + third - 1); b = mean(rss, name, last, n[name])
        made = mean(evaluations, name, last, n[name]) - mean(evaluations, name, from, from + third - 1)
        each = made > 0 ? (b - a) * 1024 / made : 0
        allowed = 0.05 * a + 8192
        first_fds = most(name, from, from + third - 1); last_fds = most(name, last, n[name])
        fine = b - a <= allowed && (last_fds <= first_fds || name == "compilers")
        bad = bad || !fine
        word = fine ? "flat" : "GROWS"
        printf "%-12s %8d %8.1f MiB %8.1f MiB %+6.1f MiB %9.0f B %5d -> %-4d  %s\n", name, n[name], a / 1024, b / 1024, (b - a) / 1024, each, first_fds, last_fds, word
      }
      exit bad
    }' "$folder/samples.csv"
}

live() {
  local source=(--device cuda:0)
  device=1
  [ -z "${WORKER:-}" ] || { source=(--worker "$WORKER") device=0; }
  mkdir -p "$folder"
  rm -f "$folder/samples.csv" "$folder/trace.jsonl"
  export FUSELINE_WORKER="$bin/fuseline-worker" XDG_CACHE_HOME="$folder/cache"
  "$bin/fuseline" sweep "$problem" --full --strategy "${STRATEGY:-random}" --budget "${1}s" "${source[@]}" --db "$folder/runs.db" --trace "$folder/trace.jsonl" \
    --json "$folder/best.json" >"$folder/table" 2>"$folder/errors" &
  local pid=$! end
  end=$(awk -v seconds="$1" '{printf "%.1f", $1 + seconds}' /proc/uptime)
  while kill -0 "$pid" 2>/dev/null; do
    look "$pid"
    sleep "$every"
  done
  wait "$pid" || { cat "$folder/errors"; die "the sweep failed"; }
  echo "$(evaluations) evaluations of $problem in ${1} s; workers lost: $(grep -c 'lost and is replaced' "$folder/errors" || true)"
  awk -F, -v end="$end" '$1 > end && $2 == "coordinator" && $3 > top {top = $3} END {if (top) printf "coordinator once the search had ended, with every evaluation: at most %.1f MiB\n", top / 1024}' "$folder/samples.csv"
  END=$end verdict
}

replay() {
  mkdir -p "$folder"
  rm -f "$folder"/*.csv "$folder"/*.jsonl "$folder"/runs.db*
  "$bin/synthetic_run" "$1" "$folder/run.t4.json" "$problem"
  every=0.2
  "$bin/fuseline" sweep "$problem" --device "replay:$folder/run.t4.json" --target "" --db "$folder/runs.db" --trace "$folder/trace.jsonl" --top 1 --quiet &
  local pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sample coordinator "$pid"
    sleep "$every"
  done
  wait "$pid"
  [ "$(evaluations)" = "$1" ] || die "$(evaluations) of $1 configurations were replayed"
  # What it has at the end, every evaluation back from the store, is told apart from what the search took.
  awk -F, -v rows="$1" '{if ($3 > top) top = $3} $5 > 0 && $5 < rows {if (!least) {least = $5; first = $3} last = $5; end = $3} END {
    if (last <= least) {print "too few samples of the search"; exit 1}
    fine = end - first <= 0.05 * first + 8192
    printf "fuseline: %.1f MiB after %d evaluations, %.1f MiB after %d: %s; at most %.1f MiB at its end, with every evaluation\n", first / 1024, least, end / 1024, last, fine ? "flat" : "GROWS", top / 1024
    exit !fine}' "$folder/samples.csv"
  window "$1"
}

# One window, one sweep after the other. Memory is looked at after each; the first two warm it up.
window() {
  command -v xvfb-run >/dev/null || die "the window needs xvfb-run"
  local steps='{"wait": "idle"}, {"action": "problem.choose", "value": "'$problem'"}, {"action": "device.choose", "value": "replay:'$folder/run.t4.json'"}, {"wait": "idle"}' i
  for i in $(seq "$sweeps"); do
    steps+=', {"action": "run.start"}, {"wait": "sweep"}, {"wait": "idle"}, {"wait": "frames", "count": 20}, {"facts": "'$folder/facts.$i.json'"}, {"wait": "ms", "count": 1500}'
  done
  echo "[$steps, {\"quit\": true}]" >"$folder/script.json"
  rm -f "$folder"/facts.*.json "$folder/samples.csv" "$folder/trace.jsonl"
  # shellcheck disable=SC2016
  LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s '-screen 0 1920x1080x24' sh -c 'echo $$ >"$0"; exec "$@"' "$folder/pid" \
    "$bin/fuseline-gui" --db "$folder/window.db" --settings none --script "$folder/script.json" &
  local runner=$! pid
  while [ ! -s "$folder/pid" ]; do sleep 0.1; done
  pid=$(cat "$folder/pid")
  for i in $(seq "$sweeps"); do
    while [ ! -f "$folder/facts.$i.json" ]; do kill -0 "$runner" 2>/dev/null || die "the window ended early"; sleep 0.2; done
    sleep 0.7
    sample window "$pid"
  done
  wait "$runner"
  rm -f "$folder/pid"
  awk -F, '{kib[NR] = $3; fds[NR] = $4; printf "fuseline-gui: %.1f MiB, %d descriptors after sweep %d\n", $3 / 1024, $4, NR} END {
    grown = kib[NR] - kib[2]; fine = NR > 2 && grown <= 0.05 * kib[2] + 8192 && fds[NR] <= fds[2]
    printf "from the second sweep to the last: %+.1f MiB, %+d descriptors: %s\n", grown / 1024, fds[NR] - fds[2], fine ? "flat" : "GROWS"; exit !fine}' "$folder/samples.csv"
}

mode=${1:-}
case $mode in
  verdict) folder=${2:-}; [ -d "$folder" ] || die "verdict needs the folder of a soak"; verdict ;;
  live | replay)
    prefix=$(cd "${2:-$default_prefix}" && pwd)
    bin=$prefix/bin
    folder=${3:-$(mktemp -d)}
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    if [ "$mode" = live ]; then live "${4:-600}"; else replay "${4:-100000}"; fi ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
