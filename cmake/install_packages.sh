#!/usr/bin/env bash
# Installs the distribution packages that building (and, with the argument "tests", testing) needs; does nothing where they are there.
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config ca-certificates
  nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libexpected-dev libsqlite3-dev libsqlitecpp-dev
  libmuparser-dev libvalijson-dev libeigen3-dev zlib1g-dev libssl-dev libcairo2-dev libfreetype-dev fonts-dejavu-core
  libimgui-dev libglfw3-dev libgl-dev libstb-dev
)
if [ "${1:-}" = tests ]; then
  packages+=(libgtest-dev libgmock-dev libbenchmark-dev libboost-context-dev dpkg-dev file xvfb xauth xdotool libgl1-mesa-dri desktop-file-utils
             clang-14 libclang-rt-14-dev lld-14 clang-tidy-14 clang-format-14)
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "install_packages: no apt-get here; install the equivalents of: ${packages[*]}" >&2
  exit 0
fi
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_packages: these packages are missing, and there is neither root nor sudo to install them: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
