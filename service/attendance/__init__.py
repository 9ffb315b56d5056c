"""Who attended what, posted as hours by module."""
