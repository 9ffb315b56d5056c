"""Functions of the database: an import enters an organisation nobody has entered yet; sandboxes are kept apart."""

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
        SELECT id INTO found_id FROM organisation WHERE name ->> 'zh' = in_name ->> 'zh' AND NOT sandbox LIMIT 1;
    ELSE
        SELECT id INTO found_id FROM organisation WHERE uscc = in_uscc;
        IF found_id IS NULL THEN
            UPDATE organisation SET uscc = in_uscc WHERE id = (
                SELECT id FROM organisation WHERE name ->> 'zh' = in_name ->> 'zh' AND uscc IS NULL
                    AND kind <> 'training_base' AND NOT sandbox ORDER BY created_at LIMIT 1)
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

# Whether who acts, acts for a sandbox: read from the register itself, never from what a caller says.
APP_IN_SANDBOX = """
CREATE FUNCTION app_in_sandbox() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT sandbox FROM organisation WHERE id = app_org()), false)
$$
"""

SANDBOX_ORGS = """
CREATE FUNCTION sandbox_orgs() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(id), '{}') FROM organisation WHERE sandbox
$$
"""

# For functions that pass row-level security by: whether rows of this organisation are of the caller's world.
SANDBOX_FITS = """
CREATE FUNCTION sandbox_fits(in_org uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN app_in_sandbox() THEN in_org = app_org()
        ELSE NOT EXISTS (SELECT 1 FROM organisation WHERE id = in_org AND sandbox) END
$$
"""

# The caller's organisation gets its sandbox once; with `in_again` the one before is ended and another opened.
# Two at once agree on one. The answer is null for who acts for no organisation, or for a sandbox.
OPEN_SANDBOX = """
CREATE FUNCTION open_sandbox(in_id uuid, in_again boolean) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE known uuid;
BEGIN
    IF app_reach() NOT IN ('org', 'authority') OR app_org() IS NULL OR app_in_sandbox() THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('sandbox:' || app_org(), 0));
    IF in_again THEN
        UPDATE organisation SET sandbox_ended_at = now() WHERE sandbox_of = app_org() AND sandbox_ended_at IS NULL;
    END IF;
    SELECT id INTO known FROM organisation WHERE sandbox_of = app_org() AND sandbox_ended_at IS NULL;
    IF known IS NOT NULL THEN
        RETURN known;
    END IF;
    INSERT INTO organisation (id, kind, name, name_keys, province, sandbox, sandbox_of)
    SELECT in_id, kind, jsonb_build_object('zh', '沙箱·' || (name ->> 'zh'),
        'en', 'Sandbox of ' || coalesce(name ->> 'en', name ->> 'zh')), '{}', province, true, id
    FROM organisation WHERE id = app_org();
    RETURN in_id;
END $$
"""

FUNCTIONS = {
    "enter_organisation(uuid, text, text, jsonb, text[], text, text)": ENTER_ORGANISATION,
    "app_in_sandbox()": APP_IN_SANDBOX,
    "sandbox_orgs()": SANDBOX_ORGS,
    "sandbox_fits(uuid)": SANDBOX_FITS,
    "open_sandbox(uuid, boolean)": OPEN_SANDBOX,
}
"""SQL of each function by its signature, in the order in which the migration makes them."""
