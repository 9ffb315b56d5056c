"""The running service, once for all races of this folder."""

from tests.live import live

__all__ = ["live"]
