"""What the database itself holds of incentives: frozen versions, one version a day, parts that add up."""

PLAN_VERSION_FROZEN = (
    """
    CREATE FUNCTION plan_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.state <> 'draft' THEN
                RAISE EXCEPTION 'plan version % is %, not a draft', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        END IF;
        IF (NEW.id, NEW.org_id, NEW.plan_id, NEW.version) IS DISTINCT FROM (OLD.id, OLD.org_id, OLD.plan_id, OLD.version)
            OR (OLD.state <> 'draft' AND (NEW.content, NEW.digest, NEW.valid_from, NEW.places, NEW.findings)
                IS DISTINCT FROM (OLD.content, OLD.digest, OLD.valid_from, OLD.places, OLD.findings))
            OR (OLD.state IN ('in_force', 'ended') AND NEW.state NOT IN (OLD.state, 'ended'))
            OR (OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'proposed'))
            OR (OLD.valid_to IS NOT NULL AND (NEW.valid_to IS NULL OR NEW.valid_to > OLD.valid_to) AND OLD.state <> 'draft')
        THEN
            RAISE EXCEPTION 'plan version % is % and its terms are frozen', OLD.id, OLD.state
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER plan_version_is_frozen BEFORE UPDATE OR DELETE ON plan_version
    FOR EACH ROW EXECUTE FUNCTION plan_version_is_frozen()
    """,
)

ONE_VERSION_A_DAY = """
    ALTER TABLE plan_version ADD CONSTRAINT ex_plan_version_in_force EXCLUDE USING gist (
        uuidrange(plan_id, plan_id, '[]') WITH &&, daterange(valid_from, valid_to, '[]') WITH &&)
    WHERE (state = 'in_force')
"""

PARTS_ADD_UP = (
    """
    CREATE FUNCTION accrual_parts_add_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE wanted accrual; earned numeric; booked numeric;
    BEGIN
        SELECT * INTO wanted FROM accrual WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
        SELECT coalesce(sum(earned_fen), 0), coalesce(sum(amount_fen), 0) INTO earned, booked
        FROM accrual_line WHERE accrual_id = wanted.id;
        IF earned <> wanted.amount_fen OR booked <> wanted.booked_fen THEN
            RAISE EXCEPTION 'the parts of accrual % do not add up to it', wanted.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'accrual_parts_add_up';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER accrual_parts_add_up AFTER INSERT ON accrual DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION accrual_parts_add_up('id')
    """,
    """
    CREATE CONSTRAINT TRIGGER accrual_parts_add_up AFTER INSERT ON accrual_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION accrual_parts_add_up('accrual_id')
    """,
)

STATEMENTS = (*PLAN_VERSION_FROZEN, ONE_VERSION_A_DAY, *PARTS_ADD_UP)

DROP = ("DROP FUNCTION accrual_parts_add_up() CASCADE", "DROP FUNCTION plan_version_is_frozen() CASCADE")
