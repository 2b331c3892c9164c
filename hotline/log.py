"""How the service logs: JSON as a service, readable on a terminal; one line per fact, never a phone number."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Final

import structlog

_NUMBER: Final = re.compile(r"(?<![\d.:-])(1\d{2})\d{4}(\d{4})(?![\d.:-])")


def configure(style: str = "auto", level: str = "INFO") -> None:
    """Set logging up, for us and for the libraries; the last word counts. `style`: auto, json or text."""
    as_json = style == "json" or (style == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # Without the values of variables: they are passwords and callers' numbers.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # A command sets its own level before the service sets the site's: whoever logged in between must follow.
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _masked(_: Any, __: str, entry: Any) -> Any:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _NUMBER.sub(r"\1****\2", value)
    return entry
