"""Public look-ups of certificates and holders' share links."""
