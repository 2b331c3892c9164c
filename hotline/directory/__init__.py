"""The directory (名录): which offices there are, what they do, when they are open, and who serves the villages."""
