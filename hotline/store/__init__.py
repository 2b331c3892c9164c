"""Where everything is kept: PostgreSQL, its tables and the statements that touch them."""
