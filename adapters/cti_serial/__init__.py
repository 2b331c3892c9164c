"""Devices on a wire that tell of calls: voice modems, caller-ID boxes, PBX call records."""
