"""Bytes on a wire: the link, where one frame ends and the next begins, and what the wire carried, with times."""
