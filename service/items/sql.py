"""SQL of the items room: an approved version never changes again."""

ITEM_FROZEN = """
CREATE FUNCTION item_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('approved', 'retired') THEN
            RAISE EXCEPTION 'an approved item version is never deleted' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state = 'retired' OR (OLD.state = 'approved' AND NEW.state <> 'retired') THEN
        RAISE EXCEPTION 'an approved item version can only be retired' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'approved' AND (to_jsonb(NEW) - 'state') IS DISTINCT FROM (to_jsonb(OLD) - 'state') THEN
        RAISE EXCEPTION 'an approved item version is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

FREEZE_ITEMS = "CREATE TRIGGER item_frozen BEFORE UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION item_frozen()"
