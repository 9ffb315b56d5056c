"""Selects of the exchange room: files in, files out."""
