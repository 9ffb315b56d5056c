"""Counts with definitions for the ministry and provinces."""
