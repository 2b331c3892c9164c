"""Why is something about the directory refused? One class; its code is one of the API's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DirectoryRefused(Exception):
    """`code` says why, `detail` what exactly (Chinese), `errors` where in what was sent."""

    def __init__(self, code: str, detail: str = "", errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.errors = list(errors)


def wrong(field: str, why: str) -> DirectoryRefused:
    """What was sent does not do, in that field."""
    return DirectoryRefused("invalid_input", errors=[{"field": field, "message": why}])
