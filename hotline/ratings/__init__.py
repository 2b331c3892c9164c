"""Ratings (评价): what callers say of the service they had, and what follows from it."""
