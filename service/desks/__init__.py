"""The home page of each role: what needs me today."""
