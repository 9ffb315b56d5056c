"""Eligibility, issuing lists, certificates issued, suspended and revoked."""
