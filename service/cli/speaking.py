"""How the command line speaks: help, sentences and complaints in the reader's language."""

import copy
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

from service.foundation.errors import DomainError
from service.foundation.language import CHINESE, ENGLISH, gettext, later, sentence

CLICK_WORDS = (
    *(later("Usage: "), later("Options"), later("Commands")),
    *(later("Show this message and exit."), later("Show the version and exit.")),
    later("[required]"),
)


class Refused(Exception):
    """The command cannot go on; the message is an English message id with %(fact)s places."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return sentence(self.message, self.facts)


def say(message: str, **facts: object) -> None:
    """Print one sentence in the reader's language."""
    click.echo(sentence(message, facts))


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return `zh-CN` or `en`: from `--language`, then TMC_LANGUAGE, then the locale; Chinese when nothing says otherwise."""
    given: str | None = None
    for place, argument in enumerate(arguments):
        if argument == "--language" and place + 1 < len(arguments):
            given = arguments[place + 1]
        elif argument.startswith("--language="):
            given = argument.partition("=")[2]
    for name in ("TMC_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        given = given or environment.get(name)
    return ENGLISH if (given or "").lower().startswith("en") else CHINESE


class SpokenFormatter(click.HelpFormatter):
    """click's own words of a help page, translated."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage with its heading in the reader's language."""
        super().write_usage(prog, args, gettext(prefix or "Usage: "))

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Open a section whose heading is in the reader's language."""
        with super().section(gettext(name)):
            yield

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands; click's own explanations are translated here."""
        spoken = [(term, gettext(words).replace("[required]", gettext("[required]"))) for term, words in rows]
        super().write_dl(spoken, col_max, col_spacing)


class SpokenContext(click.Context):
    """A context whose help pages are written by the spoken formatter."""

    formatter_class = SpokenFormatter


def one_line(text: str | None) -> str:
    """Return a text, broken anyhow, on one line: the form in which help is a message id."""
    return " ".join((text or "").split())


def first_sentence(text: str) -> str:
    """Return the first sentence without its full stop, for lists of commands."""
    return re.split(r"。|\uff1b|\. |; ", text)[0].removesuffix(".")


def help_messages(command: click.Command) -> Iterator[str]:
    """Every message id of the help pages of a command and its subcommands."""
    if whole := one_line(command.help):
        yield whole
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            yield one_line(parameter.help)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from help_messages(child)


def spoken(command: click.Command) -> click.Command:
    """Return a copy of a command, its options and its subcommands with help in the language spoken now."""
    twin = copy.copy(command)
    twin.context_class = SpokenContext
    if whole := one_line(command.help):
        twin.help = gettext(whole)
        twin.short_help = first_sentence(twin.help)
    twin.params = [_spoken_parameter(parameter) for parameter in command.params]
    if isinstance(twin, click.Group) and isinstance(command, click.Group):
        twin.commands = {name: spoken(child) for name, child in command.commands.items()}
    return twin


def _spoken_parameter(parameter: click.Parameter) -> click.Parameter:
    twin = copy.copy(parameter)
    if isinstance(twin, click.Option) and twin.help:
        twin.help = gettext(one_line(twin.help))
    return twin


def name_of(parameter: click.Parameter) -> str:
    """Return a parameter as it is typed: `--port`, or `FILE`."""
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def complaint(error: click.ClickException) -> str:
    """Return what click refused, as one sentence in the reader's language."""
    facts: dict[str, object] = {"words": error.message}
    if isinstance(error, click.NoSuchOption):
        return sentence(later("There is no option %(name)s."), {"name": error.option_name})
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return sentence(later("%(name)s is missing."), {"name": name_of(error.param)})
    if isinstance(error, click.BadParameter) and error.param is not None:
        facts["name"] = name_of(error.param)
        return sentence(later("The value of %(name)s cannot be accepted: %(words)s"), facts)
    return sentence(later("The command was not understood: %(words)s"), facts)


def run_spoken(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command as a program does, say refusals in the reader's language, and return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = spoken(command).main(args=words, prog_name="tmc", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.exceptions.NoArgsIsHelpError as wish:
        click.echo(wish.ctx.get_help() if wish.ctx else "")
        return 0
    except click.ClickException as error:
        click.echo(complaint(error), err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
        return 2
    except Refused as refusal:
        click.echo(str(refusal), err=True)
        return 1
    except DomainError as refusal:
        click.echo(sentence(refusal.message, refusal.facts), err=True)
        return 1
    return status if isinstance(status, int) else 0


def language_of_process(arguments: Sequence[str] | None = None) -> str:
    """Return the language of this run of the program."""
    return chosen_language(sys.argv[1:] if arguments is None else arguments, os.environ)
