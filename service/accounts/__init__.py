"""Who signs in, at which post, with which factors and keys."""
