"""Pages of payouts: the batches and their steps, the public notice, statements of the unit and one's own."""

from service.payouts.pages import payouts, statements

handlers = [*payouts.handlers, *statements.handlers]
