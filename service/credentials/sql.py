"""SQL of the credentials room: the life of a credential, who had a part in a session, and what status lists publish."""

# The last word on a credential's life, whoever writes: content never changes, revocation is final, nothing is deleted.
CREDENTIAL_LIFE = """
CREATE FUNCTION credential_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a credential is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - ARRAY['state', 'state_since', 'state_reason', 'document_id', 'english_document_id'])
        IS DISTINCT FROM
        (to_jsonb(OLD) - ARRAY['state', 'state_since', 'state_reason', 'document_id', 'english_document_id'])
    THEN
        RAISE EXCEPTION 'the content of a credential never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.document_id IS NOT NULL AND NEW.document_id IS DISTINCT FROM OLD.document_id
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
        ('valid', 'superseded'), ('suspended', 'superseded'), ('superseded', 'revoked'))
    THEN
        RAISE EXCEPTION 'a credential cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
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
            SELECT 1 FROM mark JOIN sitting ON sitting.id = mark.sitting_id
                JOIN enrolment ON enrolment.id = sitting.enrolment_id
                JOIN account ON account.id = mark.marker_account_id
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
