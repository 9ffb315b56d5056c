"""Pages of the credentials room: issuing, one certificate with its changes, corrections for holder, base and decider."""

from service.credentials.pages.corrections import handlers as of_corrections
from service.credentials.pages.issuing import handlers as of_issuing

handlers = [*of_issuing, *of_corrections]
