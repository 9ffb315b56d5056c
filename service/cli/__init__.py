"""The `tmc` command: starting, looking after and moving an installation."""
