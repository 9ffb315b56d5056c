"""Formats in which banks come and go."""
