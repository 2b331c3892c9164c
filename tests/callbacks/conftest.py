"""A hall's book for every test that needs the database."""

from __future__ import annotations

import pytest

from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.callbacks.kit import Book


@pytest.fixture
def book(database: Database, seal: Seal) -> Book:
    """An empty hall."""
    return Book(database, seal)
