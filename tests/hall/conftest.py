"""What the tests of the hall share."""

from __future__ import annotations

import pytest

from tests.hall.kit import VirtualHall


@pytest.fixture
def hall() -> VirtualHall:
    """Two desks of one queue."""
    return VirtualHall()
