"""Signing keys and their states, published as DID documents."""
