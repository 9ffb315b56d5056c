"""What the database itself keeps of a grant."""

KEEP_GRANT = """
CREATE FUNCTION keep_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE open text[] := ARRAY['state', 'ending_on', 'ending_ground', 'forfeited'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'grant % is never deleted', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - open) IS DISTINCT FROM (to_jsonb(OLD) - open) THEN
        RAISE EXCEPTION 'grant % is frozen: only its way and its ending are written', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN
        (('proposed', 'granted'), ('proposed', 'refused'), ('granted', 'granted'), ('granted', 'ended')) THEN
        RAISE EXCEPTION 'a grant does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
KEPT = "CREATE TRIGGER keep_grant BEFORE UPDATE OR DELETE ON equity_grant FOR EACH ROW EXECUTE FUNCTION keep_grant()"
