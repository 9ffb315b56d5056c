"""SQL of the credentials room: the life of a credential, who had a part in a session, and what status lists publish."""

# The last word on a credential's life, whoever writes: content never changes, revocation is final, nothing is deleted.
CREDENTIAL_LIFE = """
CREATE FUNCTION credential_life() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['state', 'state_since', 'state_reason', 'document_id', 'english_document_id', 'check_code'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a credential is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Erasure: once the person's key is gone, what still tells the name may go too, and only together.
    IF NEW.masked_name = '' AND NEW.name_lookup = ''::bytea AND NEW.english_lookup IS NULL AND EXISTS (
        SELECT 1 FROM person_key WHERE person_key.person_id = OLD.person_id AND person_key.sealed IS NULL)
    THEN
        free := free || ARRAY['masked_name', 'name_lookup', 'english_lookup'];
    END IF;
    IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'the content of a credential never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    -- A new print has its own check code, and the earlier paper is kept.
    IF (NEW.check_code <> OLD.check_code OR OLD.document_id IS NOT NULL AND NEW.document_id IS DISTINCT FROM OLD.document_id)
        AND (NEW.document_id IS NULL OR NEW.check_code = OLD.check_code OR NEW.document_id = OLD.document_id
            OR NEW.state <> 'valid' OR NOT EXISTS (
                SELECT 1 FROM credential_print WHERE credential_print.credential_id = OLD.id
                    AND credential_print.check_code = OLD.check_code AND credential_print.document_id = OLD.document_id))
        OR OLD.english_document_id IS NOT NULL AND NEW.english_document_id IS DISTINCT FROM OLD.english_document_id
    THEN
        RAISE EXCEPTION 'the paper of a credential never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'revoked' AND (NEW.state, NEW.state_since, NEW.state_reason)
        IS DISTINCT FROM (OLD.state, OLD.state_since, OLD.state_reason)
    THEN
        RAISE EXCEPTION 'revocation is final' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('valid', 'suspended'), ('suspended', 'valid'), ('valid', 'revoked'), ('suspended', 'revoked'),
        ('valid', 'superseded'), ('superseded', 'revoked'))
    THEN
        RAISE EXCEPTION 'a credential cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

# A number stays for ever with its person, base and day of award. A later version follows the one before it, which has
# been superseded, and never a revocation: whatever the service tries, it is refused here too.
CREDENTIAL_SUCCESSION = """
CREATE FUNCTION credential_succession() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before credential%ROWTYPE;
BEGIN
    IF NEW.version = 1 THEN RETURN NEW; END IF;
    SELECT * INTO before FROM credential WHERE number = NEW.number AND version = NEW.version - 1 FOR UPDATE;
    IF before.id IS NULL OR (before.org_id, before.base_id, before.person_id, before.enrolment_id, before.kind, before.awarded_on,
            before.specimen) IS DISTINCT FROM (NEW.org_id, NEW.base_id, NEW.person_id, NEW.enrolment_id, NEW.kind, NEW.awarded_on,
            NEW.specimen)
    THEN
        RAISE EXCEPTION 'a number stays with its certificate' USING ERRCODE = 'restrict_violation';
    END IF;
    IF before.state <> 'superseded' OR NEW.state <> 'valid' THEN
        RAISE EXCEPTION 'a version follows one that was superseded' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

# A correction goes forward only; the holder asks and takes back, the base proposes, and what is settled stays.
CORRECTION_LIFE = """
CREATE FUNCTION correction_life() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text[] := ARRAY['state', 'facts_sealed', 'facts_digest', 'approval_id', 'answer', 'settled_at', 'outcome_id'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a correction is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF app_reach() = 'person' AND NEW.state NOT IN ('requested', 'withdrawn') THEN
        RAISE EXCEPTION 'the holder asks and takes back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
    IF (to_jsonb(NEW) - kept) IS DISTINCT FROM (to_jsonb(OLD) - kept)
        OR OLD.state NOT IN ('requested', 'proposed') AND (to_jsonb(NEW) - 'answer') IS DISTINCT FROM (to_jsonb(OLD) - 'answer')
        OR NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('requested', 'proposed'), ('requested', 'refused'),
            ('requested', 'withdrawn'), ('requested', 'overtaken'), ('proposed', 'done'), ('proposed', 'refused'),
            ('proposed', 'overtaken'))
    THEN
        RAISE EXCEPTION 'a correction goes forward only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

# What part a person or account had in a course session: `taught` or `marked`, in any of the person's accounts.
PART_IN_SESSION = """
CREATE FUNCTION part_in_session(in_session uuid, in_account uuid, in_person uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN EXISTS (
            SELECT 1 FROM meeting LEFT JOIN person_booking AS held
                ON held.occurrence_id = meeting.occurrence_id AND held.state = 'held'
            WHERE meeting.course_session_id = in_session AND (meeting.lecturer_id = in_person OR held.person_id = in_person)
        ) THEN 'taught' END,
        CASE WHEN EXISTS (
            SELECT 1 FROM (SELECT sitting_id, marker_account_id AS account_id FROM mark
                UNION ALL SELECT sitting_id, account_id FROM recorded_score) AS gave  -- by hand, or by a list of paper scores
                JOIN sitting ON sitting.id = gave.sitting_id
                JOIN enrolment ON enrolment.id = sitting.enrolment_id
                JOIN account ON account.id = gave.account_id
            WHERE enrolment.course_session_id = in_session
                AND (account.id = in_account OR account.person_id = in_person)
        ) THEN 'marked' END], NULL)
$$
"""

# Places in an issuer's status list whose credentials are in one of these states; no more is told than the list publishes.
STATUS_INDICES = """
CREATE FUNCTION status_indices(in_org uuid, in_states text[]) RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(status_index ORDER BY status_index), '{}')
    FROM credential WHERE org_id = in_org AND state = ANY (in_states)
$$
"""
