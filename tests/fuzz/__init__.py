"""Every parser of bytes from outside, fed with what no device ever said: `python -m tests.fuzz`."""
