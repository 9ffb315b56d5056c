"""The interface for machines: its description, its doors, and what is kept apart."""
