"""Pages of course sessions: the public list, the base's own, and the lecturers' weeks."""

from service.courses.pages import lecturing, meetings, public, sessions

handlers = [*public.handlers, *sessions.handlers, *meetings.handlers, *lecturing.handlers]
