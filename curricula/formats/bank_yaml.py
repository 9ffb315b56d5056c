"""The bank as YAML files: a header that names the bank, and a list of items, split over files as one likes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from curricula.banks import Bank
from curricula.findings import Finding, Problem, placed, refuse_errors
from curricula.items import Item, item_of, item_problems
from curricula.reading import Document
from curricula.shapes import anything, doubled, identifier, list_of, record, true_false, whole

_bank = record(
    {"bank": identifier(), "version": whole(least=1), "public": true_false, "items": list_of(anything, least=1)}
)


def bank_problems(document: Document) -> Iterator[Problem]:
    """Every problem of one file of a bank seen alone."""
    value = document.value
    yield from _bank(value, ())
    if not isinstance(value, Mapping) or not isinstance(value.get("items"), list):
        return
    for place, one in enumerate(value["items"]):
        yield from item_problems(one, ("items", place))
    names = [
        (("items", place, "id"), str(one["id"]))
        for place, one in enumerate(value["items"])
        if isinstance(one, Mapping) and "id" in one
    ]
    yield from doubled([(at, name) for at, name in names])


def items_in(document: Document) -> tuple[Item, ...]:
    """The items of one file. Raises Faults when any field is not as it must be."""
    refuse_errors(document, bank_problems(document))
    return tuple(item_of(one) for one in document.value["items"])


def read_bank(documents: Iterable[Document]) -> Bank:
    """One bank from its files, which must agree on name, version and publicity. Raises Faults."""
    items: list[Item] = []
    homes: dict[str, str] = {}
    header: tuple[str, int, bool] | None = None
    for document in documents:
        found = items_in(document)
        header = header or _header(document.value)
        refuse_errors(document, (one for one in _disagreements(document, header, homes)))
        homes.update({item.id: document.file for item in found})
        items += found
    assert header is not None, "a bank has at least one file"
    return Bank(header[0], header[1], header[2], tuple(sorted(items, key=lambda item: item.id)))


def bank_findings(documents: Iterable[Document]) -> list[Finding]:
    """The findings of all files of one bank, seen alone and together."""
    found: list[Finding] = []
    homes: dict[str, str] = {}
    header: tuple[str, int, bool] | None = None
    for document in documents:
        problems = list(bank_problems(document))
        found += placed(document, problems)
        value = document.value
        if not isinstance(value, Mapping) or not {"bank", "version", "public"} <= set(value):
            continue
        header = header or _header(value)
        found += placed(document, _disagreements(document, header, homes))
        homes.update(
            {
                str(one["id"]): document.file
                for one in value.get("items") or ()
                if isinstance(one, Mapping) and "id" in one
            }
        )
    return found


def _header(value: Mapping[str, Any]) -> tuple[str, int, bool]:
    return value["bank"], value["version"], value["public"]


def _disagreements(document: Document, header: tuple[str, int, bool], homes: Mapping[str, str]) -> Iterator[Problem]:
    for name, wanted in zip(("bank", "version", "public"), header, strict=True):
        if document.value[name] != wanted:
            yield Problem((name,), "not-a-choice", {"given": str(document.value[name]), "choices": [str(wanted)]})
    for place, one in enumerate(document.value.get("items") or ()):
        name = str(one.get("id")) if isinstance(one, Mapping) else ""
        if name in homes:
            yield Problem(("items", place, "id"), "doubled-elsewhere", {"given": name, "elsewhere": homes[name]})
