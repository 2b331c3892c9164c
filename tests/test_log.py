"""What a traceback may tell: the place, never the values that were there."""

from __future__ import annotations

import pytest
import structlog

from hotline import log


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_traceback_names_no_number_and_no_password(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    password, caller = "kraken-velvet", "13800138000"
    log.configure(style)
    try:
        raise ValueError(f"{len(password)} characters, from {caller}")
    except ValueError:
        structlog.get_logger().exception("failed", caller=caller)
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "test_log.py" in said
    assert said.count("138****8000") == 2
    assert caller not in said
    assert password not in said
