"""What the database itself holds of payouts: no money before the notice is over; what a person's statement may read."""

PAYOUT_WAITS = (
    """
    CREATE FUNCTION payout_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF (NEW.id, NEW.org_id, NEW.plan_id, NEW.through) IS DISTINCT FROM (OLD.id, OLD.org_id, OLD.plan_id, OLD.through)
            OR (OLD.state <> 'draft' AND NEW.digest <> OLD.digest)
            OR (OLD.notice_closes_on IS NOT NULL AND NEW.notice_closes_on IS DISTINCT FROM OLD.notice_closes_on)
        THEN
            RAISE EXCEPTION 'payout % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state = OLD.state THEN RETURN NEW; END IF;
        IF NEW.state = 'clear' AND (OLD.state <> 'noticed' OR NEW.notice_closes_on IS NULL
            OR NEW.notice_closes_on >= (now() AT TIME ZONE 'Asia/Shanghai')::date
            OR EXISTS (SELECT 1 FROM objection WHERE payout_id = NEW.id AND settled_at IS NULL))
        THEN
            RAISE EXCEPTION 'payout % has its notice or an objection open', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        IF (NEW.state = 'paid' AND OLD.state <> 'clear') OR OLD.state IN ('paid', 'rejected') THEN
            RAISE EXCEPTION 'payout % is % and cannot become %', OLD.id, OLD.state, NEW.state
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER payout_waits BEFORE UPDATE ON payout FOR EACH ROW EXECUTE FUNCTION payout_waits()",
)

# A person named in a noticed payout may object to it, without seeing the others' rows.
OBJECT_TO_PAYOUT = """
    CREATE FUNCTION object_to_payout(in_id uuid, in_payout uuid, in_ground text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE found payout;
    BEGIN
        SELECT p.* INTO found FROM payout p WHERE p.id = in_payout AND EXISTS (
            SELECT 1 FROM payout_line l WHERE l.payout_id = p.id AND l.live AND l.person_id = app_person()) FOR UPDATE;
        IF found.id IS NULL THEN RETURN 'unknown'; END IF;
        IF found.state <> 'noticed' THEN RETURN found.state; END IF;
        INSERT INTO objection (id, org_id, payout_id, person_id, ground)
        VALUES (in_id, found.org_id, found.id, app_person(), in_ground);
        RETURN 'kept';
    END $$
"""

# The person themself, or an organisation about what it owes; nobody else gets a row.
MAY_READ = "(in_person = app_person() OR in_org = app_org())"

STATEMENT_EVENTS = f"""
    CREATE FUNCTION statement_events(in_person uuid, in_org uuid, in_known timestamptz)
    RETURNS TABLE (line_id uuid, accrual_id uuid, accrual_kind text, effective_on date, event_kind text, source text,
        reference text, event_fen bigint, contract_no text, contract_title jsonb, registration_no text,
        plan_code text, plan_title jsonb, plan_version int, terms jsonb, base_before_fen bigint, base_after_fen bigint,
        total_before_fen bigint, total_after_fen bigint, earned_all_fen bigint, party_no int, split_line text, weight int,
        earned_fen bigint, amount_fen bigint, payout_id uuid, payout_state text, notice_opens_on date,
        notice_closes_on date, notice_certain boolean, tax_ground text, tax_fen bigint, net_fen bigint, paid_on date,
        payment_reference text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT l.id, a.id, a.kind, e.effective_on, e.kind, e.source, e.reference, e.amount_fen, c.contract_no, c.title,
            c.registration_no, p.code, p.title, v.version, v.content, a.base_before_fen, a.base_after_fen,
            a.total_before_fen, a.total_after_fen, a.amount_fen, l.party_no, y.line, y.weight, l.earned_fen,
            l.amount_fen, o.id, o.state, o.notice_opens_on, o.notice_closes_on, o.notice_certain, pl.tax_ground,
            pl.tax_fen, pl.net_fen, o.paid_on, o.payment_reference
        FROM accrual_line l
        JOIN accrual a ON a.id = l.accrual_id
        JOIN revenue_event e ON e.id = a.event_id
        JOIN agreement g ON g.id = a.agreement_id
        JOIN agreement_party y ON y.agreement_id = g.id AND y.party_no = l.party_no
        JOIN technology_contract c ON c.id = g.contract_id
        JOIN plan_version v ON v.id = g.plan_version_id
        JOIN plan p ON p.id = v.plan_id
        LEFT JOIN payout_line pl ON pl.accrual_line_id = l.id AND pl.live
        LEFT JOIN payout o ON o.id = pl.payout_id
        WHERE {MAY_READ} AND l.person_id = in_person AND l.org_id = in_org AND a.created_at <= in_known
        ORDER BY e.effective_on, a.created_at, a.id, l.party_no
    $$
"""  # noqa: S608 - our own constant

STATEMENT_LEDGER = f"""
    CREATE FUNCTION statement_ledger(in_person uuid, in_org uuid, in_known timestamptz)
    RETURNS TABLE (effective_on date, source_kind text, source_id uuid, owed_fen bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT t.effective_on, t.source_kind, t.source_id,
            sum(CASE l.side WHEN 'credit' THEN l.amount ELSE -l.amount END)::bigint
        FROM ledger_account a
        JOIN ledger_line l ON l.account_id = a.id
        JOIN ledger_entry t ON t.id = l.entry_id
        WHERE {MAY_READ} AND a.org_id = in_org AND a.book = 'money' AND a.code = 'incentive.payable'
            AND a.person_id = in_person AND t.created_at <= in_known
        GROUP BY t.id ORDER BY t.effective_on, t.created_at, t.id
    $$
"""  # noqa: S608 - our own constant

STATEMENT_SHARES = f"""
    CREATE FUNCTION statement_shares(in_person uuid, in_org uuid, in_known timestamptz)
    RETURNS TABLE (grant_id uuid, reference text, company text, instrument text, quantity bigint, granted_on date,
        terms jsonb, plan_code text, plan_version int, contract_no text, vested bigint, vested_as_of date,
        ending_on date, forfeited bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT g.id, g.reference, g.company, g.instrument, g.quantity, g.granted_on, g.terms, p.code, v.version,
            c.contract_no, coalesce(sum(s.vested_after - s.vested_before), 0)::bigint, max(s.as_of),
            CASE WHEN ended.created_at <= in_known THEN g.ending_on END,
            CASE WHEN ended.created_at <= in_known THEN g.forfeited ELSE 0 END
        FROM equity_grant g
        JOIN ledger_entry t ON t.org_id = g.org_id AND t.book = 'shares' AND t.source_kind = 'equity_grant'
            AND t.source_id = g.id AND t.created_at <= in_known
        LEFT JOIN ledger_entry ended ON ended.org_id = g.org_id AND ended.book = 'shares'
            AND ended.source_kind = 'equity_ending' AND ended.source_id = g.id
        JOIN plan_version v ON v.id = g.plan_version_id
        JOIN plan p ON p.id = v.plan_id
        LEFT JOIN technology_contract c ON c.id = g.contract_id
        LEFT JOIN share_event s ON s.grant_id = g.id AND s.created_at <= in_known
        WHERE {MAY_READ} AND g.person_id = in_person AND g.org_id = in_org
        GROUP BY g.id, p.code, v.version, c.contract_no, ended.created_at ORDER BY g.granted_on, g.id
    $$
"""  # noqa: S608 - our own constant

FUNCTIONS = {
    "object_to_payout(uuid, uuid, text)": OBJECT_TO_PAYOUT,
    "statement_events(uuid, uuid, timestamptz)": STATEMENT_EVENTS,
    "statement_ledger(uuid, uuid, timestamptz)": STATEMENT_LEDGER,
    "statement_shares(uuid, uuid, timestamptz)": STATEMENT_SHARES,
}

STATEMENTS = (
    *PAYOUT_WAITS,
    *FUNCTIONS.values(),
    *(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in FUNCTIONS),
    *(f"GRANT EXECUTE ON FUNCTION {name} TO tmc_app, tmc_worker" for name in FUNCTIONS),
)

DROP = (*(f"DROP FUNCTION {name}" for name in FUNCTIONS), "DROP FUNCTION payout_waits() CASCADE")
