"""Certificates of technology managers: facts, numbers, credentials, proofs and paper, values in and values out."""
