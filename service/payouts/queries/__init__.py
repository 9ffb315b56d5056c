"""Selects of the payouts room: payouts and notices, what may be paid, statements."""

from service.payouts.queries.payouts import (
    Payable,
    contracts_behind,
    lines_of,
    objections_of,
    open_objections,
    own_objections,
    payable_lines,
    payout_for,
    payouts_of,
    reversed_since,
)
from service.payouts.queries.statements import (
    issued_statements,
    owed_by_ledger,
    payers_of,
    people_owed,
    statement_for,
    statement_now,
)

# Name -> SQL that returns the offending rows.
INVARIANTS: dict[str, str] = {
    "an accrual line is in at most one live payout": """
        SELECT accrual_line_id FROM payout_line WHERE live GROUP BY accrual_line_id HAVING count(*) > 1
    """,
    "a payout line pays what was accrued to its person": """
        SELECT p.id FROM payout_line p JOIN accrual_line l ON l.id = p.accrual_line_id
        WHERE l.amount_fen <> p.gross_fen OR l.person_id <> p.person_id OR l.org_id <> p.org_id
    """,
    "only a rejected payout has lines that are not live": """
        SELECT l.id FROM payout_line l JOIN payout p ON p.id = l.payout_id WHERE l.live = (p.state = 'rejected')
    """,
    "nothing was paid before its notice was over": """
        SELECT id FROM payout WHERE state = 'paid' AND (notice_closes_on IS NULL OR paid_on <= notice_closes_on)
    """,
    "nothing is clear while an objection is open": """
        SELECT p.id FROM payout p JOIN objection o ON o.payout_id = p.id
        WHERE p.state IN ('clear', 'paid') AND o.settled_at IS NULL
    """,
    "every decided payout was decided by another than its maker": """
        SELECT p.id FROM payout p WHERE p.state IN ('approved', 'noticed', 'clear', 'paid') AND NOT EXISTS (
            SELECT 1 FROM approval a WHERE a.subject_kind = 'payout' AND a.subject_id = p.id AND a.state = 'approved'
                AND a.subject_digest = p.digest AND a.checker_account_id <> a.maker_account_id)
    """,
    "what is paid is in the books": """
        SELECT p.id FROM payout p WHERE p.state = 'paid' AND coalesce((
            SELECT sum(l.gross_fen) FROM payout_line l WHERE l.payout_id = p.id), 0) <> coalesce((
            SELECT sum(n.amount) FROM ledger_entry t JOIN ledger_line n ON n.entry_id = t.id
            JOIN ledger_account a ON a.id = n.account_id
            WHERE t.source_kind = 'payout' AND t.source_id = p.id AND a.code = 'incentive.settled'
                AND n.side = 'credit'), 0)
    """,
    "books hold payments only of paid payouts": """
        SELECT t.id FROM ledger_entry t LEFT JOIN payout p ON p.id = t.source_id
        WHERE t.source_kind = 'payout' AND p.state IS DISTINCT FROM 'paid'
    """,
}

__all__ = [
    "INVARIANTS",
    "Payable",
    "contracts_behind",
    "issued_statements",
    "lines_of",
    "objections_of",
    "open_objections",
    "owed_by_ledger",
    "own_objections",
    "payable_lines",
    "payers_of",
    "payout_for",
    "payouts_of",
    "people_owed",
    "reversed_since",
    "statement_for",
    "statement_now",
]
