"""The commands that print figures, as a person types them: output, exit codes, messages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.commands import hotline

ENGLISH = re.compile(
    r"Usage|Options|Arguments|Commands|Error|Missing|Invalid|No such|Try|Show this|required|default:|OPTIONS"
)
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
        (("report",), 2, "缺少选项 --date"),
        (("report", "--month", "2026-11"), 2, "须与 --template 同用"),
        (("nonsense",), 2, "没有命令 nonsense"),
        (("simulat",), 2, "是否要用 'simulate'"),
        (("report", "--dat", "x"), 2, "没有选项 --dat"),
        (("report", "--date"), 2, "选项 --date 后面要有值"),
        (("simulate", "more"), 2, "多余的参数：more"),
        (("simulate", "--seats", "x"), 2, "--seats 的值不对：应为整数"),
        (("simulate", "--hours", "99999"), 2, "--hours 的值不对：不能大于 744"),
        (("simulate", "--hours", "0"), 2, "--hours 的值不对：不能小于 0.01"),
        (("account", "add", "1"), 2, "缺少参数 name"),
        (("account", "add", "1", "x", "--role", "y"), 2, "没有 y；只能是 'operator'"),
        (("seat",), 2, "显示本说明"),
    ],
)
def test_wrong_arguments_are_usage_errors(arguments: tuple[str, ...], code: int, said: str, site: Path) -> None:
    done = hotline(*arguments, cwd=site)
    assert done.returncode == code
    assert said in done.stderr
    assert not ENGLISH.search(done.stderr), done.stderr


@pytest.mark.parametrize("command", [(), ("report",), ("seat",), ("seat", "add"), ("account", "add"), ("simulate",)])
def test_help_is_chinese(command: tuple[str, ...], tmp_path: Path) -> None:
    done = hotline(*command, "--help", cwd=tmp_path)
    text = done.stdout
    assert (done.returncode, "用法：hotline" in text, "显示本说明" in text) == (0, True, True), text
    assert not ENGLISH.search(text), text


def test_no_settings_is_said(tmp_path: Path) -> None:
    done = hotline("verify", cwd=tmp_path)
    assert done.returncode == 1
    assert f"找不到配置文件 {tmp_path / 'hotline.toml'}" in done.stderr
