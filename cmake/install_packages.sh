#!/usr/bin/env bash
# Installs the distribution packages that building needs, and with "tests" testing, with "deb" packing a .deb; does nothing
# where they are there.
# Says first which are missing, and with what command they are installed (as root, by sudo where that is needed).
#   install_packages.sh [tests] [deb] [--no-install]     --no-install: says what is missing, and installs nothing
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config ca-certificates
  nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libexpected-dev libsqlite3-dev libsqlitecpp-dev
  libmuparser-dev libboost-context-dev libvalijson-dev libeigen3-dev zlib1g-dev libssl-dev libcairo2-dev libfreetype-dev fonts-dejavu-core
  libimgui-dev libglfw3-dev libgl-dev libstb-dev
)
install=true
for argument in "$@"; do
  case $argument in
    tests)
      packages+=(libgtest-dev libgmock-dev libbenchmark-dev dpkg-dev file xvfb xauth xdotool
                 libgl1-mesa-dri desktop-file-utils groff-base git binutils python3 python3-venv clang-14 libclang-rt-14-dev lld-14
                 clang-tidy-14 clang-format-14
                 slurmctld slurmd slurm-client munge openssh-server openssh-client procps) ;;
    deb) packages+=(dpkg-dev file) ;;
    --no-install) install=false ;;
    *)
      echo "install_packages: unknown argument '$argument'; there are: tests deb --no-install" >&2
      exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "install_packages: no apt-get here; install the equivalents of: ${packages[*]}" >&2
  exit 0
fi
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! $install; then
  echo "install_packages: not installed, as --no-install says; missing are ${#missing[@]} packages: ${missing[*]}" >&2
  exit 0
fi
as_root=()
how="apt-get"
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_packages: these packages are missing, and there is neither root nor sudo to install them: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
  how="sudo apt-get, which may ask for your password"
fi
echo "Installing ${#missing[@]} packages with $how (--no-install: none): ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
