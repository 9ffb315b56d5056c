"""How kinds, states, bases and roles of incentives are called, as message ids."""

from service.foundation.language import later

PLAN_KIND_TITLES = {
    "commission": later("Commission"),
    "revenue_share": later("Revenue share"),
    "equity": later("Equity"),
}

PLAN_STATE_TITLES = {
    "draft": later("draft"),
    "proposed": later("waits for approval"),
    "in_force": later("in force"),
    "ended": later("ended"),
}

BASE_TITLES = {
    "contract_amount": later("Contract amount"),
    "transaction_amount": later("Technology transaction amount"),
    "received": later("Amount actually received"),
    "net_income": later("Net income"),
    "pool": later("Award pool"),
    "operating_profit": later("Operating profit"),
}

LINE_KIND_TITLES = {
    "fixed": later("Fixed sum"),
    "percent": later("Percentage"),
    "rest": later("The rest"),
}

LINE_ROLE_TITLES = {
    "main_contributors": later("Main contributors"),
    "contributors": later("Contributors"),
    "managers": later("Technology managers"),
    "transfer_staff": later("Staff of the transfer office"),
    "transfer_office": later("Transfer office"),
    "unit": later("The unit itself"),
    "other": later("Others"),
}

TAX_TITLES = {
    "wages": later("Wages"),
    "labour_service": later("Labour service"),
    "half_inclusion": later("Half included in wages"),
    "equity_of_institute": later("Equity of institutes and schools"),
    "equity_deferred": later("Deferred equity"),
    "none": later("No ground named"),
}

DAY_KIND_TITLES = {
    "calendar": later("calendar days"),
    "working": later("working days"),
}

EVENT_TITLES = {
    "receipt": later("Receipt"),
    "refund": later("Refund"),
    "cost": later("Cost"),
    "profit": later("Operating profit"),
    "loss": later("Operating loss"),
    "pool": later("Award pool set aside"),
    "contract_concluded": later("Contract concluded"),
    "transaction_concluded": later("Technology transaction concluded"),
    "reversal": later("Reversal"),
}

ACCRUAL_TITLES = {
    "event": later("Earned by the event"),
    "reversal": later("Stored parts swapped"),
    "adjustment": later("What the later events earn without the reversed one"),
}

OUTCOME_TITLES = {
    "met": later("met"),
    "unmet": later("not met"),
    "open": later("to be checked for each deal"),
}

BINDING_TITLES = {
    "must": later("binding"),
    "may": later("optional"),
    "award": later("condition of a local award"),
}
