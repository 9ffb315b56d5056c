"""Functions of the database by which an import enters an organisation that nobody has entered yet."""

# Whoever is signed in may name an organisation that is not there; nobody changes one this way, except that a first
# credit code is written to an organisation of the same name without one.
ENTER_ORGANISATION = """
CREATE FUNCTION enter_organisation(in_id uuid, in_uscc text, in_kind text, in_name jsonb, in_keys text[],
    in_province text, in_city text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_id uuid;
BEGIN
    IF app_reach() NOT IN ('org', 'person', 'authority', 'system') THEN
        RAISE EXCEPTION 'nobody is signed in' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('organisation:' || (in_name ->> 'zh'), 0));
    IF in_uscc IS NULL THEN
        SELECT id INTO found_id FROM organisation WHERE name ->> 'zh' = in_name ->> 'zh' LIMIT 1;
    ELSE
        SELECT id INTO found_id FROM organisation WHERE uscc = in_uscc;
        IF found_id IS NULL THEN
            UPDATE organisation SET uscc = in_uscc WHERE id = (
                SELECT id FROM organisation WHERE name ->> 'zh' = in_name ->> 'zh' AND uscc IS NULL
                    AND kind <> 'training_base' ORDER BY created_at LIMIT 1)
            RETURNING id INTO found_id;
        END IF;
    END IF;
    IF found_id IS NOT NULL THEN
        RETURN found_id;
    END IF;
    INSERT INTO organisation (id, uscc, kind, name, name_keys, province, city, sandbox)
    VALUES (in_id, in_uscc, in_kind, in_name, in_keys, in_province, in_city, false)
    ON CONFLICT (uscc) DO NOTHING RETURNING id INTO found_id;
    IF found_id IS NULL THEN
        SELECT id INTO found_id FROM organisation WHERE uscc = in_uscc;
    END IF;
    RETURN found_id;
END $$
"""
SIGNATURE = "enter_organisation(uuid, text, text, jsonb, text[], text, text)"
