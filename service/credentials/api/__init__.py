"""The credentials room for machines: issuing, changes, corrections, and what an issuer publishes for everyone."""

from service.credentials.api.corrections import handlers as of_corrections
from service.credentials.api.credentials import handlers as of_issuing

handlers = [*of_issuing, *of_corrections]
