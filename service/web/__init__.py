"""Litestar plumbing: the one commit, problems, sign-in, language, templates, limits, headers."""
