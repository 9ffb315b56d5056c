"""Equity grants and their vesting."""
