"""The journal as a table to take away: the sentence as it is shown, and the ids an auditor needs."""

import json
from collections.abc import Sequence
from io import BytesIO

from service.desks.queries.journal import Told
from service.foundation.language import gettext, later
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.writing import CsvExport, XlsxExport


def columns() -> list[Column]:
    """Moment, who, what, where, and the codes and ids behind them."""
    return [
        Column("moment", gettext(later("Moment")), kind=CellKind.MOMENT, width=18),
        Column("who", gettext(later("Who acted"))),
        Column("roles", gettext(later("Posts held that day")), width=20),
        Column("sentence", gettext(later("What happened")), width=60),
        Column("organisation", gettext(later("Organisation")), width=30),
        Column("kind", gettext(later("Kind of thing"))),
        Column("title", gettext(later("Thing")), width=30),
        Column("person", gettext(later("Person concerned"))),
        Column("act", gettext(later("Act code")), width=24),
        Column("subject_id", gettext(later("Id of the thing")), width=38),
        Column("person_id", gettext(later("Id of the person")), width=38),
        Column("account_id", gettext(later("Id of the account")), width=38),
        Column("details", gettext(later("Details")), width=40),
        Column("entry_id", gettext(later("Id of the entry")), width=38),
    ]


def table(rows: Sequence[Told], form: str) -> bytes:
    """The entries as `xlsx` or `csv`, newest first."""
    target = BytesIO()
    title = gettext(later("Journal"))
    writer = XlsxExport(target, columns(), title) if form == "xlsx" else CsvExport(target, columns())
    for one in rows:
        entry = one.entry
        writer.append(
            {
                "moment": entry.created_at,
                "who": one.who,
                "roles": one.roles,
                "sentence": one.sentence,
                "organisation": one.organisation,
                "kind": one.kind,
                "title": one.title,
                "person": one.person,
                "act": entry.action,
                "subject_id": str(entry.subject_id),
                "person_id": str(entry.person_id) if entry.person_id else None,
                "account_id": str(entry.account_id) if entry.account_id else None,
                "details": json.dumps(entry.details, ensure_ascii=False, sort_keys=True) if entry.details else None,
                "entry_id": str(entry.id),
            }
        )
    writer.close()
    return target.getvalue()
