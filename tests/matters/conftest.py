"""An empty hall for every test, on the eve of a holiday of eight days."""

from __future__ import annotations

from tests.handling.conftest import hall

__all__ = ["hall"]
