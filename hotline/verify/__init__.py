"""Checks the stored history against the invariants, by code that shares nothing with the code that wrote it."""

from __future__ import annotations

from hotline.verify.ledger import Delivered, LedgerRow, compare_delivered, compare_ledger, read_calls, read_ledger
from hotline.verify.verdict import Broken, Check, Verdict, as_json, as_text
from hotline.verify.verify import verify

__all__ = [
    "Broken",
    "Check",
    "Delivered",
    "LedgerRow",
    "Verdict",
    "as_json",
    "as_text",
    "compare_delivered",
    "compare_ledger",
    "read_calls",
    "read_ledger",
    "verify",
]
