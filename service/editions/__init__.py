"""Standards and syllabi, frozen with digest and effective date."""
