"""The command `hotline`: what an installer, an administrator and a night watch type.

Exit codes: 0 ok · 1 failed · 2 usage · 3 partly · 4 not ready.
"""

from __future__ import annotations

from hotline.cli.root import main

__all__ = ["main"]
