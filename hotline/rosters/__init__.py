"""Who is on duty when (排班), may they sign in, and what did a month of duty come to."""
