#!/usr/bin/env bash
# Frame times of fuseline-gui under Xvfb with llvmpipe at 1920x1080: 10,000 and 100,000 configurations in table and roofline, and what an idle window costs.
# usage: tests/bench/gui.sh [BIN_DIR]   (default build/release/bin; needs xvfb-run)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=${1:-build/release/bin}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LIBGL_ALWAYS_SOFTWARE=1

median() { sort -n | awk '{v[NR]=$1} END {print NR ? v[int((NR+1)/2)] : "none"}'; }

for rows in 10000 100000; do
  "$bin/synthetic_run" "$rows" "$work/run.t4.json"
  cat >"$work/script.json" <<EOF
[{"wait": "idle"}, {"action": "file.open", "value": "$work/run.t4.json"}, {"wait": "idle"}, {"wait": "frames", "count": 10},
 {"facts": "$work/start.json"}, {"wait": "frames", "count": 200}, {"facts": "$work/end.json"}, {"quit": true}]
EOF
  xvfb-run -a -s '-screen 0 1920x1080x24' taskset -c 0,1 "$bin/fuseline-gui" --db :memory: --settings none --width 1920 --height 1080 \
    --script "$work/script.json" --frame-times "$work/times.csv"
  first=$(awk -F'[:,]' '/"frames"/ {print $2+0}' "$work/start.json")
  last=$(awk -F'[:,]' '/"frames"/ {print $2+0}' "$work/end.json")
  measured() { sed -n "$((first + 2)),$((last + 1))p" "$work/times.csv"; }
  printf '%7d rows: %s ms of processor outside the driver, %s ms in all (medians of %d frames)\n' "$rows" \
    "$(measured | awk -F, '{print $1+$2}' | median)" "$(measured | awk -F, '{print $3}' | median)" "$(measured | wc -l)"
done

cat >"$work/idle.json" <<EOF
[{"wait": "idle"}, {"action": "file.open", "value": "$work/run.t4.json"}, {"wait": "idle"}, {"action": "messages.dismiss"}]
EOF
xvfb-run -a -s '-screen 0 1920x1080x24' bash -c "
  '$bin/fuseline-gui' --db :memory: --settings none --width 1920 --height 1080 --script '$work/idle.json' --frame-times '$work/idle.csv' & pid=\$!
  sleep 25
  ticks() { awk '{print \$14+\$15}' /proc/\$pid/stat; }
  before=\$(ticks); sleep 10; after=\$(ticks)
  echo \"   idle: \$(( (after - before) * 10 / \$(getconf CLK_TCK) )).\$(( (after - before) * 100 / \$(getconf CLK_TCK) % 10 )) % of a core over 10 s with 100,000 rows\"
  kill \$pid"
