"""Ports for servers of tests: none that the system may give to somebody's outgoing connection before the server, which
needs seconds to start, listens there."""

from __future__ import annotations

import os
import random
import socket
from typing import Final

BELOW: Final = range(20_000, 32_000)
"""The system itself gives out ports from 32768 on (`net.ipv4.ip_local_port_range`)."""
PER_WORKER: Final = 1_000
_given = set[int]()


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on and that no other worker is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % (len(BELOW) // PER_WORKER)
    ours = BELOW[worker * PER_WORKER : (worker + 1) * PER_WORKER]
    for port in random.sample(ours, PER_WORKER):
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError(f"no free port in {ours}")
