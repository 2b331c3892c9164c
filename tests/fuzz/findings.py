"""Where are findings and inputs kept? Below `var/fuzz`: `findings/` to be read, `corpus/` for the next run."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.fuzz.engine import Finding
from tests.fuzz.target import Target


def keep(folder: Path, finding: Finding) -> Path:
    """The bytes in a file, and beside it what happened and how to have it again."""
    below = folder / "findings"
    below.mkdir(parents=True, exist_ok=True)
    kind = "".join(each if each.isalnum() or each in "-." else "_" for each in finding.kind)[:80]
    path = below / f"{finding.target}~{kind}~{_name(finding.data)[:8]}"
    path.write_bytes(finding.data)
    again = f"python -m tests.fuzz --replay {path}"
    path.with_name(f"{path.name}.txt").write_text(f"{again}\n\n{finding.kind}\n\n{finding.detail}\n", "utf-8")
    return path


def target_of(path: Path, table: dict[str, Target]) -> Target:
    """The target that a finding's file is about. Raises `KeyError`."""
    return table[path.name.partition("~")[0]]


def kept(folder: Path, target: str) -> list[bytes]:
    """The inputs of earlier runs."""
    below = folder / "corpus" / target
    return [each.read_bytes() for each in sorted(below.iterdir())] if below.is_dir() else []


def keep_corpus(folder: Path, target: str, corpus: list[bytes]) -> None:
    """For the next run."""
    below = folder / "corpus" / target
    below.mkdir(parents=True, exist_ok=True)
    for data in corpus:
        path = below / _name(data)
        if not path.exists():
            path.write_bytes(data)


def _name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]
