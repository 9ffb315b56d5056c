"""Pages of people: my profile, what is kept and why, people my organisation sees, employees, erasure."""

from service.people.pages.employees import handlers as employees
from service.people.pages.erasures import handlers as erasures
from service.people.pages.people import handlers as people
from service.people.pages.profile import handlers as profile
from service.people.pages.register import handlers as register

handlers = [*profile, *register, *people, *employees, *erasures]
