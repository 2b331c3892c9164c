"""A whole hall that is not there: callers, channels and lawyers with habits."""
