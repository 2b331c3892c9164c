"""One decoder per dialect: bytes of a vendor → facts. No I/O, no clock of its own."""
