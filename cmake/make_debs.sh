#!/usr/bin/env bash
# Makes a .deb for each release of Debian in a fresh root of it, and tries it in a second one that has no compiler.
# Everything is mounted in a namespace of its own: whatever ends this script, no mount is left.
set -euo pipefail

known=(bookworm trixie)

usage() {
  cat <<'TEXT'
Usage: cmake/make_debs.sh [-o FOLDER] [-j N] [--keep] [--no-install] [bookworm] [trixie]

  bookworm trixie   the releases of Debian to make a .deb for, 12 and 13; without a name both
  -o FOLDER         where the .deb files go (default: the current folder); only one that passed every trial goes there
  -j N              compilers at once (default: one a processor)
  --keep            keeps the work folder with its roots and logs, and says where it is
  --no-install      installs nothing on this machine; else mmdebstrap, which makes the roots, is installed where missing

The tree is built as committed: what is not committed is left out. It needs root, git, Debian's packages from the mirror
that this machine uses, and 5 GB beneath TMPDIR (default: /var/tmp). The worker is built where the headers of a CUDA
toolkit are found in CUDA_HOME, CUDA_PATH or /usr/local/cuda, and is left out otherwise.

Exit codes: 0 every .deb was made and passed; 1 something failed, and the last line says what; 2 a wrong argument.
TEXT
}
say() { printf 'make_debs: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
refuse() {
  say "$*; see cmake/make_debs.sh --help"
  exit 2
}

output=.
jobs=$(nproc)
keep=false
install=true
releases=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0 ;;
    -o | --output)
      [ $# -gt 1 ] && [ -n "$2" ] || refuse "$1 needs a folder"
      output=$2
      shift ;;
    -j | -j[0-9]*)
      jobs=${1#-j}
      if [ -z "$jobs" ]; then
        jobs=${2:-}
        [ $# -eq 1 ] || shift
      fi
      [[ $jobs =~ ^[1-9][0-9]{0,3}$ ]] || refuse "-j needs a number from 1" ;;
    --keep) keep=true ;;
    --no-install) install=false ;;
    -*) refuse "unknown option '$1'" ;;
    *)
      [[ " ${known[*]} " == *" $1 "* ]] || refuse "unknown release '$1'; there are: ${known[*]}"
      [[ " ${releases[*]-} " == *" $1 "* ]] || releases+=("$1") ;;
  esac
  shift
done
[ ${#releases[@]} -gt 0 ] || releases=("${known[@]}")

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ "$(id -u)" -eq 0 ] || fail "must be root, to make roots and to change into them: sudo cmake/make_debs.sh"
command -v apt-get >/dev/null || fail "needs Debian or a system made of it: there is no apt-get here"
if ! command -v mmdebstrap >/dev/null; then
  $install || fail "mmdebstrap is missing, and --no-install says to install nothing: apt-get install mmdebstrap"
  say "installing mmdebstrap with apt-get, which makes roots (--no-install: nothing)"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap; } \
    >/dev/null || fail "mmdebstrap could not be installed: apt-get install mmdebstrap"
fi
command -v git >/dev/null || fail "git is missing: apt-get install git"
# Root may look at a tree that somebody else checked out: it is archived, and nothing in it is run here.
in_git() { git -c safe.directory="$tree" -C "$tree" "$@"; }
in_git rev-parse --verify --quiet HEAD >/dev/null || fail "$tree is no git checkout with a commit"
[ -z "$(in_git status --porcelain)" ] || say "warning: what is not committed is left out"
mkdir -p "$output" || fail "$output cannot be made"
output=$(cd "$output" && pwd)

# --- The work folder, and what is undone whatever happens ---

work=$(mktemp -d "${TMPDIR:-/var/tmp}/fuseline-debs.XXXXXX") || fail "no work folder in ${TMPDIR:-/var/tmp}"
# Packages unpack as root, and the trial is run as nobody, who has to reach them.
chmod 755 "$work"
child=
clean_up() {
  local code=$?
  trap - EXIT
  # The step under way is a group of processes. unshare does not heed SIGTERM; when it is killed, so is what it started.
  local signal
  for signal in TERM KILL; do
    [ -n "$child" ] || break
    kill "-$signal" -- "-$child" 2>/dev/null || break
    for _ in {1..25}; do
      kill -0 -- "-$child" 2>/dev/null || break
      sleep 0.2
    done
  done
  if $keep; then
    say "kept: $work"
  else
    rm -rf --one-file-system "$work" || say "$work could not be removed"
  fi
  exit "$code"
}
trap clean_up EXIT
trap 'say "interrupted"; exit 130' INT
trap 'say "interrupted"; exit 143' TERM HUP

# /proc is there for what is run, and for nobody else. A system that forbids namespaces may still allow chroot.
isolate=(unshare --mount --pid --fork --kill-child)
proc=true
if ! unshare --mount --pid --fork --kill-child --mount-proc true 2>/dev/null; then
  isolate=()
  proc=false
  say "warning: no namespaces here, so that the roots have no /proc; what needs it may fail"
fi
proxies=()
for name in http_proxy https_proxy no_proxy; do
  [ -z "${!name:-}" ] || proxies+=("$name=${!name}")
done

in_root_as() {  # user:group, root, home, command...
  local user=$1 root=$2 home=$3
  shift 3
  local mounting=()
  ! $proc || mounting=("--mount-proc=$root/proc")
  "${isolate[@]}" "${mounting[@]}" chroot --userspec="$user" "$root" /usr/bin/env -i -C / HOME="$home" LC_ALL=C.UTF-8 \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "${proxies[@]}" "$@"
}
in_root() { in_root_as 0:0 "$1" /root "${@:2}"; }

started=$SECONDS
release=
step() {  # what is done, command...: its output is shown where it fails
  local what=$1 log=$work/step.log
  shift
  say "$release: $what ($((SECONDS - started)) s)"
  # In the background, so that a signal is heeded at once, and as a group that can be ended.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  set +m
  local code=0
  wait "$child" || code=$?
  child=
  cat "$log" >>"$work/$release.log"
  if [ "$code" -ne 0 ]; then
    # Compilers say what is wrong long before their last line.
    grep -E ' error: |^CMake Error|^E: ' "$log" | head -n 5 >&2 || true
    tail -n 20 "$log" >&2
    fail "$release: failed (exit $code): $what"
  fi
}

# --- What of this machine the roots need ---

# The mirror that this machine has its own packages from. Elsewhere, as on Ubuntu, mmdebstrap knows one.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
  sed -n '/^https\{0,1\}:[^ ]* Debian Debian main$/{s/ .*//p;q}') || true
apt-config dump 2>/dev/null |
  grep -E '^Acquire::(https?::Proxy|Retries|Check-Valid-Until|Check-Date|ForceIPv[46])[: ]' >"$work/apt.conf" || true

target=x86_64-linux  # As a toolkit names this machine.
[ "$(uname -m)" != aarch64 ] || target=sbsa-linux
headers=
cupti=
for toolkit in "${CUDA_HOME:-}" "${CUDA_PATH:-}" /usr/local/cuda; do
  [ -n "$toolkit" ] || continue
  for folder in "$toolkit/include" "$toolkit/targets/$target/include"; do
    if [ -z "$headers" ] && [ -f "$folder/cuda.h" ] && [ -f "$folder/nvrtc.h" ]; then
      headers=$folder
      cupti=$toolkit/extras/CUPTI/include
    fi
  done
done
if [ -n "$headers" ]; then
  say "CUDA headers: $headers"
  [ -f "$headers/cupti_range_profiler.h" ] || [ -f "$cupti/cupti_range_profiler.h" ] ||
    say "no cupti_range_profiler.h beside them: fuseline-worker is built without hardware counters"
else
  say "no CUDA headers in CUDA_HOME, CUDA_PATH or /usr/local/cuda: fuseline-worker is left out"
fi

# A path that is nowhere else, so that it can be looked for in what was built.
place=/fuseline-builders-place

make_root() {  # folder
  local options=(--variant=apt --format=directory "--aptopt=$work/apt.conf" --include=ca-certificates)
  mmdebstrap "${options[@]}" "$release" "$1" ${mirror:+"$mirror"} || return
  # For whoever asks for a name in there.
  [ ! -e /etc/resolv.conf ] || cp -fL /etc/resolv.conf "$1/etc/resolv.conf"
}

bring_in() {  # root
  local into=$1$place
  mkdir -p "$into"
  in_git archive HEAD | tar -x -C "$into" --no-same-owner || return
  [ -n "$headers" ] || return 0
  mkdir -p "$1/usr/local/cuda/include"
  cp -rL "$headers/." "$1/usr/local/cuda/include/" || return
  if [ -d "$cupti" ]; then
    mkdir -p "$1/usr/local/cuda/extras/CUPTI/include"
    cp -rL "$cupti/." "$1/usr/local/cuda/extras/CUPTI/include/"
  fi
}

build() {  # root
  # Tests are not shipped, and several files a unit take half the time.
  in_root "$1" env -C "$place" cmake --preset release -DFUSELINE_TESTS=OFF -DFUSELINE_BENCH=OFF -DFUSELINE_GUI=ON \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=10 -DFUSELINE_CUDA="$([ -n "$headers" ] && echo ON || echo OFF)" &&
    in_root "$1" env -C "$place" cmake --build --preset release -- -j "$jobs"
}

pack() { in_root "$1" env -C "$place/build/release" cpack -G DEB; }  # root

# --- The trial, in a root that has what apt brings with the package and no more ---

install_deb() {  # root, name of the .deb in its /tmp
  in_root "$1" apt-get update -qq && in_root "$1" apt-get install -y -qq --no-install-recommends "/tmp/$2"
}

# As a user with an empty home, who has nothing set.
as_user() { in_root_as 65534:65534 "$1" /tmp/home "${@:2}"; }  # root, command...

files_of() { in_root "$1" dpkg -L fuseline; }  # root

versions_agree() {  # root, version
  local program
  for program in fuseline fuseline-gui ${headers:+fuseline-worker}; do
    [ "$(as_user "$1" "$program" --version | tee /dev/stderr)" = "$program $2" ] || {
      echo "$program --version says no '$program $2'"
      return 1
    }
  done
}

sweep() { as_user "$1" fuseline sweep layernorm_gelu_scale --device replay:h200 --db :memory:; }  # root

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }  # file

plot() {  # root
  as_user "$1" fuseline plot \
    /usr/share/fuseline/presets/recordings/h200/bias_gelu.f32.default.t4.json --kind roofline -o /tmp/home/roofline.png &&
    is_png "$1/tmp/home/roofline.png"
}

# What is installed for this belongs to the display, not to the package: it comes after the other programs were tried.
window() {  # root
  in_root "$1" apt-get install -y -qq --no-install-recommends xvfb xauth libgl1-mesa-dri || return
  printf '%s' '[{"action": "problem.choose", "value": "layernorm_gelu_scale"},' \
    '{"action": "device.choose", "value": "replay:h200"}, {"wait": "idle"}, {"action": "run.start"}, {"wait": "sweep"},' \
    '{"wait": "idle"}, {"screenshot": "/tmp/home/window.png"}, {"quit": true}]' >"$1/tmp/home/window.json"
  as_user "$1" timeout 120 xvfb-run -a -s "-screen 0 1600x1000x24" \
    fuseline-gui --db /tmp/home/window.db --settings none --script /tmp/home/window.json &&
    is_png "$1/tmp/home/window.png"
}

pages_are_there() {  # root
  local name
  for name in man/man1/fuseline.1 man/man1/fuseline-sweep.1 bash-completion/completions/fuseline \
    zsh/vendor-completions/_fuseline fish/vendor_completions.d/fuseline.fish doc/fuseline/copyright; do
    [ -s "$1/usr/share/$name" ] || {
      echo "/usr/share/$name is not there"
      return 1
    }
  done
  in_root "$1" bash -c '. /usr/share/bash-completion/completions/fuseline && complete -p fuseline'
}

no_path_of_the_builder() {  # root
  local name found=0
  while read -r name; do
    [ -f "$1$name" ] || continue
    if grep -aqF -e "$place" -e "$work" "$1$name"; then
      echo "$name has a path of the builder: $(grep -aoEm 1 "($place|$work)[[:print:]]{0,80}" "$1$name" | head -n 1)"
      found=1
    fi
  done < <(files_of "$1")
  return $found
}

purge_leaves_nothing() {  # root, name of the .deb in its /tmp
  local listed=() name left
  mapfile -t listed < <(files_of "$1")
  [ ${#listed[@]} -gt 20 ] || return 1
  in_root "$1" apt-get purge -y -qq fuseline || return
  rm -rf "$1/tmp/home" "$1/tmp/$2"
  left=$(
    for name in "${listed[@]}"; do [ -d "$1$name" ] || [ ! -e "$1$name" ] || echo "$name"; done
    find "$1" -xdev -path "$1/proc" -prune -o -name '*fuseline*' -print
  )
  [ -z "$left" ] || {
    echo "left after apt-get purge: $left"
    return 1
  }
  ! in_root "$1" dpkg -s fuseline
}

for release in "${releases[@]}"; do
  builder=$work/$release-build
  user=$work/$release-user
  step "a root to build in" make_root "$builder"
  step "the committed tree goes in" bring_in "$builder"
  step "packages to build with" in_root "$builder" "$place/cmake/install_packages.sh" deb
  step "build" build "$builder"
  step "package" pack "$builder"
  made=("$builder$place"/build/release/*.deb)
  [ ${#made[@]} -eq 1 ] && [ -f "${made[0]}" ] || fail "$release: cpack made not one .deb but: ${made[*]}"
  name=${made[0]##*/}
  version=$(dpkg-deb -f "${made[0]}" Version)

  step "a root to try it in" make_root "$user"
  cp "${made[0]}" "$user/tmp/$name"
  chmod 644 "$user/tmp/$name"
  install -d -o 65534 -g 65534 "$user/tmp/home"
  step "apt-get install of $name" install_deb "$user" "$name"
  step "--version of every program" versions_agree "$user" "${version%%-*}"
  step "a sweep from a recording" sweep "$user"
  step "a plot of a recording" plot "$user"
  step "man pages and completions" pages_are_there "$user"
  step "a window with a sweep, under Xvfb" window "$user"
  step "no path of the builder in what is installed" no_path_of_the_builder "$user"
  step "apt-get purge leaves nothing" purge_leaves_nothing "$user" "$name"
  install -m 644 ${SUDO_UID:+-o "$SUDO_UID" -g "$SUDO_GID"} "${made[0]}" "$output/$name" || fail "$release: $output/$name cannot be written"
  say "$release: wrote $output/$name, $(($(stat -c %s "$output/$name") / 1024)) KB ($((SECONDS - started)) s)"
  $keep || rm -rf --one-file-system "$builder" "$user"
done
