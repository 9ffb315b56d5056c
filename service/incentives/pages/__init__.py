"""Pages of incentives: plans and their versions, agreements, revenue events and how each sum came about."""

from service.incentives.pages import agreements, events, plans

handlers = [*events.handlers, *agreements.handlers, *plans.handlers]
