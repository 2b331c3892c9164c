"""The site of the API tests serves here as well."""

from __future__ import annotations

from tests.api.conftest import site

__all__ = ["site"]
