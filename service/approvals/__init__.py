"""Maker and checker: a decision bound to the digest of what was decided."""
