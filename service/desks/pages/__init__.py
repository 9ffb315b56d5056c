"""Pages of the desks: home, journal, operations."""

from service.desks.pages.home import handlers as home
from service.desks.pages.journal import handlers as journal
from service.desks.pages.operations import handlers as operations

handlers = [*home, *journal, *operations]
