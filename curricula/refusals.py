"""What this package refuses: a slug, an English message id, and the facts of the case."""

from collections.abc import Iterator, Mapping

from curricula.language import later


class Refusal(Exception):
    """A refusal that was foreseen; the sentence is made by `language.sentence` in the reader's language."""

    slug: str = "refused"
    message: str = later("This cannot be done.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.slug)
        self.facts: Mapping[str, object] = facts

    def __str__(self) -> str:
        return f"{self.slug} {dict(self.facts)}"


class Unreadable(Refusal):
    """A file cannot be read at all; the command line ends with code 2."""

    slug = "unreadable"
    message = later("%(file)s cannot be read.")


class FileMissing(Unreadable):
    """There is no such file or folder."""

    slug = "file-missing"
    message = later("%(file)s does not exist.")


class FileNotText(Unreadable):
    """The bytes are not UTF-8."""

    slug = "file-not-text"
    message = later("%(file)s, line %(line)s: the file is not UTF-8 text.")


class FileTooLarge(Unreadable):
    """The file is larger than any edition or bank needs."""

    slug = "file-too-large"
    message = later("%(file)s has %(bytes)s bytes; at most %(limit)s are read.")


class SyntaxBroken(Unreadable):
    """The text is neither YAML nor JSON; `line` and `reason` say where and why."""

    slug = "syntax-broken"
    message = later("%(file)s, line %(line)s: %(reason)s.")


class KindUnknown(Unreadable):
    """The document does not begin with a key that says what it is."""

    slug = "kind-unknown"
    message = later(
        "%(file)s, line %(line)s: the document does not say what it is; one of these keys is needed: %(kinds)s."
    )


class ContentHasFaults(Refusal):
    """The checker found errors; `findings` (a tuple of Finding) is carried beside the facts."""

    slug = "content-has-faults"
    message = later("%(file)s has %(count)s faults; the first is in line %(line)s, field %(field)s: %(first)s")


class FormCannotBeFilled(Refusal):
    """No form satisfies the blueprint; `cells` names where items are short."""

    slug = "form-cannot-be-filled"
    message = later("The form cannot be filled.")


class CellsShortOfItems(FormCannotBeFilled):
    """These cells together need more items than fit them: a Hall violator, so it is a proof."""

    slug = "cells-short-of-items"
    message = later(
        "The form cannot be filled: cells %(cells)s together need %(needed)s items and %(available)s fit (%(outdated)s more cite law not in force on %(day)s)."
    )


class EnemiesInTheWay(FormCannotBeFilled):
    """Enough items fit, but those that must not meet in one form leave no choice; found by exhausting the search."""

    slug = "enemies-in-the-way"
    message = later(
        "The form cannot be filled: enough items fit cells %(cells)s, but items that must not meet in one form leave no possible choice."
    )


class FormSearchTooLong(FormCannotBeFilled):
    """The search ended at its limit of steps: neither found nor proved impossible."""

    slug = "form-search-too-long"
    message = later(
        "No form was found within %(steps)s steps; it is not proved that there is none. Items that must not meet make cells %(cells)s too entangled."
    )


class BlueprintDoesNotFitBank(Refusal):
    """The blueprint speaks of a bank of another name."""

    slug = "blueprint-does-not-fit-bank"
    message = later("The blueprint is for bank %(wanted)s, not for bank %(given)s.")


class OptionOrderWrong(Refusal):
    """An option order is not a permutation of the item's options."""

    slug = "option-order-wrong"
    message = later("The option order for item %(item)s is not a rearrangement of its options.")


class FormChanged(Refusal):
    """A frozen form does not agree with the digests it carries."""

    slug = "form-changed"
    message = later("Question %(slot)s of the frozen form is not the one that was frozen.")


class ArrangementDoesNotFit(Refusal):
    """An arrangement (order of questions and options) was made for another form."""

    slug = "arrangement-does-not-fit"
    message = later("The order of questions does not fit this form.")


class MarkForUnknownPlace(Refusal):
    """A mark names a question, part or rubric line that needs no mark."""

    slug = "mark-for-unknown-place"
    message = later("There is a mark for %(place)s, line %(line)s, which the form does not ask for.")


class MarkOutOfRange(Refusal):
    """A mark is not an exact number between 0 and the points of its rubric line."""

    slug = "mark-out-of-range"
    message = later("The mark %(mark)s for %(place)s, line %(line)s, is not a number from 0 to %(most)s.")


class ActUnknown(Refusal):
    """The register has no such act."""

    slug = "act-unknown"
    message = later("The citation register has no act %(act)s.")


class ArticleUnknown(Refusal):
    """The act has no such article."""

    slug = "article-unknown"
    message = later("Act %(act)s has no article %(article)s.")


class OverlayForAnotherEdition(Refusal):
    """An overlay was put over an edition it does not name."""

    slug = "overlay-for-another-edition"
    message = later("The overlay is written for %(wanted)s, not for %(given)s.")


class TooFewObservations(Refusal):
    """A statistic was asked of numbers too thin to give it."""

    slug = "too-few-observations"
    message = later("%(statistic)s needs at least %(needed)s observations that differ; there are %(given)s.")


def every_refusal(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """All refusal classes, base first."""
    yield base
    for child in base.__subclasses__():
        yield from every_refusal(child)
