"""`python -m tests.whole`: every test but the long ones; and the few that failed once more, alone.

Real browsers, telephone systems and killed processes on two cores are late now and then. Who passes alone was late, and
is named as unsteady; who fails alone has found something. Many failures are no lateness.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

FEW: Final = 3
ALL: Final = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not long")


def main() -> int:
    """0: each of them passes, some only alone."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "failed"
        os.environ["FAILED_TESTS"] = str(file)
        code = _pytest(*ALL)
        names = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    del os.environ["FAILED_TESTS"]
    if code != pytest.ExitCode.TESTS_FAILED or not 0 < len(names) <= FEW:
        return code
    print("单独再跑一次：", *names, sep="\n  ", flush=True)
    code = _pytest("-rA", "--show-capture=no", *names)
    if code == pytest.ExitCode.OK:
        print("单独运行都通过。这些测试不稳定，请查明原因：", *(f"UNSTEADY {name}" for name in names), sep="\n  ")
    return code


def _pytest(*arguments: str) -> int:
    """In a process of its own, as `pytest` is called."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
