"""The PostgreSQL server this installation starts for itself when no database address is given."""

from service.foundation.embedded.programs import binary_major, packaged_bin_dir
from service.foundation.embedded.refusals import EmbeddedServerRefusedError
from service.foundation.embedded.roles import APPLICATION, DATABASE, OWNER, SUPERUSER, WORKER
from service.foundation.embedded.server import RELOCATED, Addresses, EmbeddedServer

__all__ = [
    "APPLICATION",
    "DATABASE",
    "OWNER",
    "RELOCATED",
    "SUPERUSER",
    "WORKER",
    "Addresses",
    "EmbeddedServer",
    "EmbeddedServerRefusedError",
    "binary_major",
    "packaged_bin_dir",
]
