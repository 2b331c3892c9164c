"""Why is something about rosters refused? One class; its code is one of the API's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class RosterRefused(Exception):
    """`code` says why, `detail` what exactly (Chinese), `errors` where in what was sent."""

    def __init__(self, code: str, detail: str = "", errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.errors = list(errors)
