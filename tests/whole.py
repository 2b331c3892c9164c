"""`python -m tests.again FILE`: the few tests that failed in a whole run, once more, alone.

Real browsers, telephone systems and killed processes on two cores are late now and then. Who passes alone was late, and
is named as unsteady; who fails alone has found something. Many failures are no lateness.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

FEW: Final = 3


def main(file: Path) -> int:
    """`file`: a name in each line. 0: each of them passes alone."""
    names = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    if not 0 < len(names) <= FEW:
        print(f"{len(names)} 项测试失败，不再重跑", file=sys.stderr)
        return 1
    print("单独再跑一次：", *names, sep="\n  ", flush=True)
    code = pytest.main(["-rA", "--show-capture=no", *names])
    if code == pytest.ExitCode.OK:
        print("单独运行都通过。这些测试不稳定，请查明原因：", *(f"UNSTEADY {name}" for name in names), sep="\n  ")
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
