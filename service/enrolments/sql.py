"""Functions of the database by which seats are given and freed under the session's row lock, and hours are read."""

# The first in line gets the next seat. The lock is the weakest that two changes of `taken` exclude each other by, so
# that the foreign key of a fresh enrolment, held by each applicant, does not lock them out of each other.
FILL_SEATS = """
CREATE FUNCTION fill_seats(in_session uuid) RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE first_in_line uuid;
BEGIN
    IF app_reach() NOT IN ('org', 'person', 'system') THEN
        RAISE EXCEPTION 'nobody is signed in' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM 1 FROM course_session WHERE id = in_session FOR NO KEY UPDATE;
    LOOP
        SELECT id INTO first_in_line FROM enrolment
        WHERE course_session_id = in_session AND state = 'waiting' ORDER BY waiting_since, id LIMIT 1;
        EXIT WHEN NOT FOUND;
        UPDATE course_session SET taken = taken + 1
        WHERE id = in_session AND state = 'published' AND taken < capacity;
        EXIT WHEN NOT FOUND;
        UPDATE enrolment SET state = 'enrolled', enrolled_at = clock_timestamp() WHERE id = first_in_line;
        RETURN NEXT first_in_line;
    END LOOP;
END $$
"""

# Answers the state before; null when the enrolment is not the caller's. Only waiting and enrolled ones are changed.
LEAVE_SEAT = """
CREATE FUNCTION leave_seat(in_enrolment uuid, in_state text, in_reason text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE held_session uuid; former text;
BEGIN
    IF in_state NOT IN ('withdrawn', 'refused') THEN
        RAISE EXCEPTION 'no way to leave a seat: %', in_state USING ERRCODE = 'check_violation';
    END IF;
    SELECT course_session_id INTO held_session FROM enrolment WHERE id = in_enrolment
        AND (app_reach() = 'system' OR org_id = app_org() OR (person_id = app_person() AND in_state = 'withdrawn'));
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM course_session WHERE id = held_session FOR NO KEY UPDATE;
    SELECT state INTO former FROM enrolment WHERE id = in_enrolment FOR UPDATE;
    IF former IN ('waiting', 'enrolled') THEN
        UPDATE enrolment SET state = in_state, ended_at = clock_timestamp(), reason = in_reason WHERE id = in_enrolment;
    END IF;
    IF former = 'enrolled' THEN
        UPDATE course_session SET taken = taken - 1 WHERE id = held_session;
    END IF;
    RETURN former;
END $$
"""

WAITING_POSITION = """
CREATE FUNCTION waiting_position(in_enrolment uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (SELECT count(*) FROM enrolment AS before
            WHERE before.course_session_id = mine.course_session_id AND before.state = 'waiting'
                AND (before.waiting_since, before.id) <= (mine.waiting_since, mine.id))::integer
    FROM enrolment AS mine
    WHERE mine.id = in_enrolment AND mine.state = 'waiting'
        AND (mine.person_id = app_person() OR mine.org_id = app_org() OR app_reach() = 'system')
$$
"""

# Lines of the ledger are the organisation's; the person reads the sum of their own.
ENROLMENT_MINUTES = """
CREATE FUNCTION enrolment_minutes(in_enrolments uuid[])
RETURNS TABLE (enrolment_id uuid, module text, minutes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT kept.owner_id, line.module::text,
        sum(CASE line.side WHEN 'debit' THEN line.amount ELSE -line.amount END)::bigint
    FROM enrolment
    JOIN ledger_account AS kept ON kept.owner_id = enrolment.id AND kept.org_id = enrolment.org_id
        AND kept.book = 'hours' AND kept.code = 'hours.earned'
    JOIN ledger_line AS line ON line.account_id = kept.id
    WHERE enrolment.id = ANY (in_enrolments)
        AND (enrolment.person_id = app_person() OR enrolment.org_id = app_org() OR app_reach() = 'system')
    GROUP BY kept.owner_id, line.module
$$
"""

FUNCTIONS = {
    "fill_seats(uuid)": FILL_SEATS,
    "leave_seat(uuid, text, text)": LEAVE_SEAT,
    "waiting_position(uuid)": WAITING_POSITION,
    "enrolment_minutes(uuid[])": ENROLMENT_MINUTES,
}
"""SQL of each function by its signature, in the order in which the migration makes them."""
