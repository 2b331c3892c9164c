"""Runs `hotline …` in a process of its own, without each of them reading the program from disk anew.

Only the import is spared: a fork of a process that has it and has done nothing else. Where it matters that the very
command starts, tests run it themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["hotline.cli", "hotline.serve"])


def hotline(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """What the command printed and how it ended. `env` None: this process's own. Raises `TimeoutExpired`."""
    with TemporaryDirectory() as folder:
        out, errors = Path(folder) / "out", Path(folder) / "errors"
        given = (list(arguments), str(cwd), dict(os.environ if env is None else env), str(out), str(errors))
        process = _FORKS.Process(target=_run, args=given)
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["hotline", *arguments], seconds, errors.read_bytes())
        code = process.exitcode
        process.close()
        return subprocess.CompletedProcess(
            ["hotline", *arguments], code, out.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8")
        )


def _run(arguments: Sequence[str], folder: str, environment: Mapping[str, str], out: str, errors: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((1, out), (2, errors)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    sys.stdout, sys.stderr = (os.fdopen(os.dup(n), "w", encoding="utf-8", buffering=1) for n in (1, 2))
    sys.argv = ["hotline", *arguments]
    from hotline.cli import main

    main()
