"""Pages of accounts: signing in, administration of accounts and posts, API keys."""

from service.accounts.pages.administration import handlers as administration
from service.accounts.pages.api_keys import handlers as api_keys
from service.accounts.pages.password import handlers as password
from service.accounts.pages.signing_in import handlers as signing_in

handlers = [*signing_in, *administration, *api_keys, *password]
