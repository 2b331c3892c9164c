"""What does a lawyer's browser register its phone with? The account that the console is handed at sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.asterisk.settings import AsteriskSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserAccount:
    """One browser phone's registration."""

    extension: str
    url: str
    """SIP over WebSocket (RFC 7118)."""
    uri: str
    """Its SIP address; the user part is also the user name."""
    password: str = field(repr=False)


class Accounts:
    """The accounts of one Asterisk's browser phones."""

    def __init__(self, settings: AsteriskSettings, passwords: Mapping[str, str]) -> None:
        self._settings = settings
        self._passwords = passwords

    def of(self, extension: str) -> BrowserAccount | None:
        """The account of that extension; None where there is none, or where browsers have no way in."""
        password = self._passwords.get(extension)
        if password is None or not self._settings.browser_url:
            return None
        return BrowserAccount(
            extension=extension,
            url=self._settings.browser_url,
            uri=f"sip:{extension}@{self._settings.browser_domain}",
            password=password,
        )
