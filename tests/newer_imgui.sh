#!/usr/bin/env bash
# Builds fuseline-gui with a newer Dear ImGui than the distribution's, and runs the window's scripted tests against it.
#   tests/newer_imgui.sh [BUILD_DIR [GTEST_FILTER]]      (default build/ci, every test)
# The source is Debian's source package of another suite, fetched by apt-get from where this machine's own packages come from,
# checked by apt's signatures, and unpacked in the user's cache; neither the tree nor apt's configuration is changed.
# IMGUI_SUITE (default sid) is the suite; IMGUI_SOURCE a folder with the sources, to fetch nothing.
# Exit codes: 0 the tests passed, or "SKIPPED" and why the source could not be had; else something failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/ci} filter=${2:-*} suite=${IMGUI_SUITE:-sid}

skip() {
  echo "SKIPPED: the window was not tested with a newer Dear ImGui: $1" >&2
  exit 0
}

# Prints the folder of the unpacked source.
fetch() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/fuseline/imgui-$suite repository keyring
  for tool in apt-get dpkg-source; do
    command -v $tool >/dev/null || { echo "there is no $tool (Debian: dpkg-dev)" >&2; return 1; }
  done
  repository=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -v security | sort -u | head -n 1)
  [ -n "$repository" ] || { echo "apt has no index of Debian here: run 'apt-get update' first" >&2; return 1; }
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r $keyring ] || { echo "there is no $keyring to check signatures with" >&2; return 1; }
  mkdir -p "$cache"/apt/{lists/partial,cache/archives/partial}
  echo "deb-src [signed-by=$keyring] $repository $suite main" >"$cache/apt/sources.list"
  local apt=(-q -o "Dir::Etc::SourceList=$cache/apt/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$cache/apt/lists" -o "Dir::Cache=$cache/apt/cache"
             -o Acquire::http::Timeout=20 -o Acquire::Retries=1 -o APT::Sandbox::User=root)
  # Its messages name the mirror: what matters of them is whether it worked.
  timeout 120 apt-get "${apt[@]}" update >/dev/null 2>&1 && apt-cache "${apt[@]}" showsrc --only-source imgui 2>/dev/null | grep -q '^Version:' ||
    { echo "the suite $suite has no source package imgui to be had here" >&2; return 1; }
  (cd "$cache" && rm -rf imgui-*/ && timeout 120 apt-get "${apt[@]}" --only-source source imgui >/dev/null 2>&1) || { echo "its source package could not be fetched" >&2; return 1; }
  ls -d "$cache"/imgui-*/
}

source=${IMGUI_SOURCE:-}
if [ -z "$source" ]; then
  why=$(mktemp)
  trap 'rm -f "$why"' EXIT
  source=$(fetch 2>"$why") || skip "$(tail -n 1 "$why")"
fi
source=$(cd "$source" && pwd)
[ -f "$source/imgui.h" ] && [ -f "$source/backends/imgui_impl_glfw.cpp" ] || skip "'$source' is no source folder of Dear ImGui"
number() { sed -n 's/^#define IMGUI_VERSION_NUM *\([0-9]*\).*/\1/p' "$1"; }
echo "Dear ImGui $(sed -n 's/^#define IMGUI_VERSION *"\(.*\)".*/\1/p' "$source/imgui.h"), number $(number "$source/imgui.h")" >&2

# The tree is as it was after, so that no later build depends on the folder.
restore() { rm -f "${why:-}"; cmake -B "$build" -DFUSELINE_SECOND_IMGUI_DIR= >/dev/null; }
trap restore EXIT
cmake -B "$build" -DFUSELINE_SECOND_IMGUI_DIR="$source" >/dev/null
cmake --build "$build" --target fuseline-gui-second gui_scripted_tests
FUSELINE_GUI_PROGRAM=fuseline-gui-second "$build/bin/gui_scripted_tests" --gtest_brief=1 --gtest_filter="$filter"
