"""What can go wrong at an adapter, grouped by what to do about it.

AdapterError
├── LinkDown        the wire is gone: wait and connect again
├── NoAnswer        nobody knows whether a command was carried out: repeat it
├── Refused         the device said no to one command: tell the hall, go on
├── Unsupported     the device can never do this: do not ask again
├── NotAdmitted     a delivery that is not from our gateway (signature, time): answer 401, keep nothing
├── Undecodable     a delivery that says nothing we can read: keep the raw bytes, answer 400
└── Misconfigured   the settings are wrong: a person must change them
"""

from __future__ import annotations


class AdapterError(Exception):
    """Something at an adapter failed."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class LinkDown(AdapterError):
    """The link to the device is gone."""


class NoAnswer(AdapterError):
    """The device did not answer."""


class Refused(AdapterError):
    """The device refused the command."""


class Unsupported(AdapterError):
    """The device cannot do this."""


class NotAdmitted(AdapterError):
    """The delivery is not from our gateway."""


class Undecodable(AdapterError):
    """The delivery cannot be read."""


class Misconfigured(AdapterError):
    """The adapter's settings are wrong."""
