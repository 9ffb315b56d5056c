"""Pages of the public check, of holders, and of verifiers who check many at once."""

from service.verification.pages.batch import handlers as of_verifiers
from service.verification.pages.public import handlers as of_everyone

handlers = [*of_everyone, *of_verifiers]
