"""Functions of the database that see across organisations: who bears a document, grounds on which people are seen, erasure."""

# A document is looked up by keyed digest only, so that whoever calls must hold both the number and the installation's
# key; the answer never tells the name on record, only whether the given one is it.
FIND_IDENTITY = """
CREATE FUNCTION find_identity(in_kind text, in_lookup bytea, in_name text)
RETURNS TABLE (person_id uuid, same_name boolean, linked boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT kept.id, lower(kept.name) = lower(in_name),
            EXISTS (SELECT 1 FROM account WHERE account.person_id = kept.id)
        FROM identity_document AS shown
        JOIN person AS first_entered ON first_entered.id = shown.person_id
        JOIN person AS kept ON kept.id = coalesce(first_entered.merged_into, first_entered.id)
        WHERE shown.kind = in_kind AND shown.number_lookup = in_lookup AND shown.state <> 'withdrawn';
END $$
"""

# False when another transaction entered the same document first; nothing of the new person is left then.
ENTER_PERSON = """
CREATE FUNCTION enter_person(in_person uuid, in_name text, in_keys text[], in_sort text, in_document uuid,
    in_kind text, in_sealed bytea, in_lookup bytea, in_masked text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF app_reach() NOT IN ('org', 'person', 'authority', 'system') THEN
        RAISE EXCEPTION 'nobody is signed in' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO person (id, name, name_keys, sort_key) VALUES (in_person, in_name, in_keys, in_sort);
    INSERT INTO identity_document (id, person_id, kind, number_sealed, number_lookup, masked, state)
    VALUES (in_document, in_person, in_kind, in_sealed, in_lookup, in_masked, 'declared');
    RETURN true;
EXCEPTION WHEN unique_violation THEN
    RETURN false;
END $$
"""

# A ground is given by the person, by the organisation for itself, by an organisation that sees the person already
# (a base names the unit that sent and paid), or by a job.
GRANT_PERSON_ACCESS = """
CREATE FUNCTION grant_person_access(in_id uuid, in_person uuid, in_org uuid, in_ground text, in_source uuid,
    in_until timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE granted uuid;
BEGIN
    IF NOT coalesce(app_reach() = 'system' OR app_person() = in_person OR app_org() = in_org OR EXISTS (
        SELECT 1 FROM person_access AS held WHERE held.person_id = in_person AND held.org_id = app_org()
            AND (held.until IS NULL OR held.until > now())), false)
    THEN
        RAISE EXCEPTION 'this ground is not the caller''s to give' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO person_access AS access (id, person_id, org_id, ground, source_id, until)
    VALUES (in_id, in_person, in_org, in_ground, in_source, in_until)
    ON CONFLICT (person_id, org_id, ground, source_id) DO UPDATE SET until = excluded.until
    RETURNING access.id INTO granted;
    RETURN granted;
END $$
"""

END_PERSON_ACCESS = """
CREATE FUNCTION end_person_access(in_person uuid, in_org uuid, in_ground text, in_source uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ended integer;
BEGIN
    IF NOT coalesce(app_reach() = 'system' OR app_person() = in_person OR app_org() = in_org, false) THEN
        RAISE EXCEPTION 'this ground is not the caller''s to end' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE person_access SET until = now()
    WHERE person_id = in_person AND org_id = in_org AND ground = in_ground AND source_id IS NOT DISTINCT FROM in_source
        AND (until IS NULL OR until > now());
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$
"""

# The employer writes an affiliation and the person answers it: a row of the organisation that only the person decides on.
ANSWER_AFFILIATIONS = """
CREATE FUNCTION answer_affiliations(in_org uuid, in_agree boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE answered integer;
BEGIN
    UPDATE affiliation SET asked_as = NULL, confirmed_at = CASE WHEN in_agree THEN now() END,
        refused_at = CASE WHEN NOT in_agree THEN now() END
    WHERE person_id = app_person() AND org_id = in_org AND confirmed_at IS NULL AND refused_at IS NULL;
    GET DIAGNOSTICS answered = ROW_COUNT;
    RETURN answered;
END $$
"""

# What the person's own key sealed becomes unreadable with it; numbers, digests, states and ids of other rooms stay.
# Answers how many posts the person's account still holds: more than none, and nothing was erased.
ERASE_PERSON = """
CREATE FUNCTION erase_person(in_person uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE held integer;
BEGIN
    IF app_reach() NOT IN ('authority', 'system') THEN
        RAISE EXCEPTION 'only the security administrator erases' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM 1 FROM person WHERE id = in_person AND erased_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    SELECT count(*) INTO held FROM post JOIN account ON account.id = post.account_id
    WHERE account.person_id = in_person AND (post.ends_on IS NULL OR post.ends_on >= current_date);
    IF held > 0 THEN
        RETURN held;
    END IF;
    INSERT INTO person_key (id, person_id, sealed, destroyed_at) VALUES (gen_random_uuid(), in_person, NULL, now())
    ON CONFLICT (person_id) DO UPDATE SET sealed = NULL, destroyed_at = now();
    UPDATE person SET name = '', english_name = NULL, english_confirmed_at = NULL, name_keys = '{}', sort_key = '',
        erased_at = now() WHERE id = in_person OR merged_into = in_person;
    UPDATE identity_document SET state = 'withdrawn', number_sealed = '', number_lookup = '', masked = ''
    WHERE person_id IN (SELECT id FROM person WHERE id = in_person OR merged_into = in_person);
    UPDATE affiliation SET title = NULL, asked_as = NULL, ends_on = coalesce(ends_on, current_date)
    WHERE person_id = in_person;
    UPDATE person_access SET until = now() WHERE person_id = in_person AND (until IS NULL OR until > now());
    UPDATE consent SET withdrawn_at = now() WHERE person_id = in_person AND withdrawn_at IS NULL;
    DELETE FROM phone_code USING account
    WHERE account.person_id = in_person AND phone_code.phone_lookup = account.phone_lookup;
    UPDATE sign_in SET ended_at = now() FROM account
    WHERE account.person_id = in_person AND sign_in.account_id = account.id AND sign_in.ended_at IS NULL;
    UPDATE account SET state = 'closed', display_name = '', phone_lookup = NULL, phone_sealed = NULL,
        login_name = NULL, password_hash = NULL, totp_sealed = NULL WHERE person_id = in_person;
    RETURN 0;
END $$
"""

FUNCTIONS = {
    "find_identity(text, bytea, text)": FIND_IDENTITY,
    "enter_person(uuid, text, text[], text, uuid, text, bytea, bytea, text)": ENTER_PERSON,
    "grant_person_access(uuid, uuid, uuid, text, uuid, timestamptz)": GRANT_PERSON_ACCESS,
    "end_person_access(uuid, uuid, text, uuid)": END_PERSON_ACCESS,
    "answer_affiliations(uuid, boolean)": ANSWER_AFFILIATIONS,
    "erase_person(uuid)": ERASE_PERSON,
}
"""SQL of each function by its signature, in the order in which the migration makes them."""
