"""The `tmc` command: starting, looking after and moving an installation."""

from service.cli.main import main

__all__ = ["main"]
