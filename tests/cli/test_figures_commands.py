"""The commands that print figures, as a person types them: output, exit codes, messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HOTLINE = Path(sys.executable).parent / "hotline"
SETTINGS = """
[service]
state_dir = "{state}"
[halls.hz]
label = "厅"
default_queue = "q"
[halls.hz.queues.q]
label = "综合"
groups = ["g"]
"""


def hotline(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a folder of its own."""
    return subprocess.run([HOTLINE, *arguments], cwd=cwd, capture_output=True, timeout=60, check=False)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "hotline.toml").write_text(SETTINGS.format(state=tmp_path / "state"), encoding="utf-8")
    return tmp_path


def test_simulate_gives_the_same_bytes(tmp_path: Path) -> None:
    line = ("simulate", "--hours", "2", "--seats", "5", "--calls", "100", "--seed", "7", "--json")
    first, second = hotline(*line, cwd=tmp_path), hotline(*line, cwd=tmp_path)
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("report", "--date", "2026-11-21", "--format", "pdf"), 2, "PDF 格式的日报尚未提供"),
        (("report", "--date", "2026-11-21", "--format", "doc"), 2, "不支持格式"),
        (("report", "--date", "昨天"), 2, "应形如"),
        (("report", "--date", "2026-11-21", "--hall", "zz"), 2, "没有大厅"),
        (("verify", "--hall", "zz"), 2, "没有大厅"),
        (("verify", "--since", "gestern"), 2, "应形如"),
        (("report",), 2, "--date"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_wrong_arguments_are_usage_errors(arguments: tuple[str, ...], code: int, said: str, site: Path) -> None:
    done = hotline(*arguments, cwd=site)
    assert done.returncode == code
    assert said in done.stderr.decode()


def test_no_settings_is_said(tmp_path: Path) -> None:
    done = hotline("verify", cwd=tmp_path)
    assert done.returncode == 1
    assert "halls" in done.stderr.decode()
