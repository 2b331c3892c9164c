"""An empty hall for every test."""

from __future__ import annotations

import pytest

from hotline.store.engine import Database
from tests.api.conftest import site
from tests.handling.kit import Hall

__all__ = ["hall", "site"]


@pytest.fixture
def hall(database: Database) -> Hall:
    """A hall without tickets, on a Friday before a holiday."""
    return Hall(database)
