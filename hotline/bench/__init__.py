"""Figures: what the service does in a second, and what it costs."""
