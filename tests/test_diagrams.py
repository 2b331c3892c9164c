"""The reader of state diagrams reads what is drawn, and refuses what it cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diagrams import edges, numbered

DRAWN = """# A machine

```mermaid
stateDiagram-v2
    direction LR
    %% what a seat does
    [*] --> off
    off --> on: 1 Switched
    on --> off: 2 Switched
    on --> on : 3 Pressed again
    on --> broken
    broken --> [*]
```
"""


def readme(folder: Path, text: str) -> Path:
    path = folder / "README.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_edges(tmp_path: Path) -> None:
    path = readme(tmp_path, DRAWN)
    assert edges(path) == {
        ("off", "Switched", "on"),
        ("on", "Switched", "off"),
        ("on", "Pressed again", "on"),
        ("on", "", "broken"),
    }
    assert [number for number, _ in numbered(path)] == [1, 2, 3, None]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# nothing drawn", "no stateDiagram"),
        ("```mermaid\nflowchart LR\n  a --> b\n```\n", "no stateDiagram"),
        ("```mermaid\nstateDiagram-v2\n    [*] --> a\n```\n", "without an edge"),
        ("```mermaid\nstateDiagram-v2\n    a -> b: 1 X\n```\n", "cannot read"),
        ("```mermaid\nstateDiagram-v2\n    a --> b: 1 X\n    a --> b: 2 X\n```\n", "drawn twice"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        edges(readme(tmp_path, text))
