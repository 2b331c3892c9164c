"""Is each line (线路) well: its link, its ports, what it said last, and what somebody should look at."""
