"""SQL of the exams room: what candidates may read of a form, and that a sitting only moves forward."""

# A candidate reads a paper while the sitting is open and its time is not over; never the keys, never before, never after.
SITTING_PAPER = """
CREATE FUNCTION sitting_paper(in_sitting uuid) RETURNS jsonb
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.paper FROM sitting t JOIN exam_form f ON f.id = t.form_id
    WHERE t.id = in_sitting AND t.person_id = app_person() AND t.state = 'open'
        AND clock_timestamp() <= t.deadline_at
$$
"""

SITTING_FORWARD = """
CREATE FUNCTION sitting_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a sitting is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.org_id, NEW.exam_session_id, NEW.enrolment_id, NEW.person_id, NEW.form_id, NEW.attempt, NEW.seed,
        NEW.arrangement, NEW.slots) IS DISTINCT FROM (OLD.org_id, OLD.exam_session_id, OLD.enrolment_id, OLD.person_id,
        OLD.form_id, OLD.attempt, OLD.seed, OLD.arrangement, OLD.slots) THEN
        RAISE EXCEPTION 'whose sitting it is and its paper are frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    -- a sitting on paper has no form: its state is what the newest score list says, until results are released
    IF OLD.form_id IS NULL THEN
        IF NEW.state NOT IN ('ready', 'submitted', 'absent') OR NEW.state = 'ready' AND OLD.state <> 'ready'
            OR EXISTS (SELECT FROM exam_session e WHERE e.id = OLD.exam_session_id AND e.state = 'released') THEN
            RAISE EXCEPTION 'a sitting on paper does not go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('submitted', 'expired', 'absent') THEN
        RAISE EXCEPTION 'a closed sitting does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN
        (('ready', 'open'), ('ready', 'absent'), ('open', 'submitted'), ('open', 'expired')) THEN
        RAISE EXCEPTION 'a sitting does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

FORWARD_ONLY = (
    "CREATE TRIGGER sitting_forward BEFORE UPDATE OR DELETE ON sitting FOR EACH ROW EXECUTE FUNCTION sitting_forward()"
)

# Who holds a post as appeal panellist at the appeal's organisation today, or sits on its panel, with the parts they had in
# what is appealed against; accounts of one person count as one. Told to that organisation only.
APPEAL_BENCH = """
CREATE FUNCTION appeal_bench(in_appeal uuid) RETURNS TABLE (account_id uuid, name text, holds boolean, parts text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH asked AS (
        SELECT a.*, e.course_session_id FROM appeal a JOIN exam_session e ON e.id = a.exam_session_id
        WHERE a.id = in_appeal AND a.org_id = app_org()
    ), known AS (
        SELECT c.id, c.display_name, c.person_id, EXISTS (
            SELECT FROM post p WHERE p.account_id = c.id AND p.org_id = asked.org_id AND p.role = 'appeal_panellist'
                AND p.starts_on <= (now() AT TIME ZONE 'Asia/Shanghai')::date
                AND (p.ends_on IS NULL OR p.ends_on >= (now() AT TIME ZONE 'Asia/Shanghai')::date)
                AND c.state = 'active') AS holds
        FROM asked, account c
        WHERE c.id IN (SELECT p.account_id FROM post p WHERE p.org_id = asked.org_id AND p.role = 'appeal_panellist')
            OR c.id IN (SELECT m.account_id FROM appeal_member m WHERE m.appeal_id = asked.id)
    )
    SELECT known.id, known.display_name::text, known.holds, array_remove(ARRAY[
        CASE WHEN EXISTS (
            SELECT FROM sitting t JOIN (
                SELECT sitting_id, marker_account_id AS account_id FROM mark
                UNION ALL SELECT sitting_id, recorded_score.account_id FROM recorded_score
            ) w ON w.sitting_id = t.id JOIN account c ON c.id = w.account_id
            WHERE t.exam_session_id = asked.exam_session_id AND (c.id = known.id OR c.person_id = known.person_id)
        ) THEN 'marked' END,
        CASE WHEN EXISTS (
            SELECT FROM result_release r JOIN approval d ON d.id = r.approval_id
                JOIN account c ON c.id IN (d.maker_account_id, d.checker_account_id)
            WHERE r.result_id = asked.result_id AND (c.id = known.id OR c.person_id = known.person_id)
        ) THEN 'released' END,
        CASE WHEN EXISTS (
            SELECT FROM meeting m LEFT JOIN person_booking b ON b.occurrence_id = m.occurrence_id AND b.state = 'held'
            WHERE m.course_session_id = asked.course_session_id AND known.person_id IN (m.lecturer_id, b.person_id)
        ) THEN 'taught' END,
        CASE WHEN known.person_id <> asked.person_id AND EXISTS (
            SELECT FROM sitting t WHERE t.exam_session_id = asked.exam_session_id AND t.person_id = known.person_id
        ) THEN 'sat' END,
        CASE WHEN known.person_id = asked.person_id THEN 'appealed' END], NULL)
    FROM asked, known WHERE known.holds OR known.id IN (
        SELECT m.account_id FROM appeal_member m WHERE m.appeal_id = asked.id AND m.stood_down_at IS NULL)
    ORDER BY known.display_name, known.id
$$
"""

APPEAL_FORWARD = """
CREATE FUNCTION appeal_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an appeal is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.org_id, NEW.exam_session_id, NEW.sitting_id, NEW.result_id, NEW.person_id, NEW.ground, NEW.statement_sealed)
        IS DISTINCT FROM (OLD.org_id, OLD.exam_session_id, OLD.sitting_id, OLD.result_id, OLD.person_id, OLD.ground,
        OLD.statement_sealed) THEN
        RAISE EXCEPTION 'what an appeal says is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('closed', 'withdrawn') THEN
        RAISE EXCEPTION 'an appeal that is over does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('lodged', 'hearing'), ('lodged', 'withdrawn'),
        ('hearing', 'withdrawn'), ('hearing', 'drawn_up'), ('drawn_up', 'hearing'), ('drawn_up', 'closed')) THEN
        RAISE EXCEPTION 'an appeal does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

APPEAL_FORWARD_ONLY = (
    "CREATE TRIGGER appeal_forward BEFORE UPDATE OR DELETE ON appeal FOR EACH ROW EXECUTE FUNCTION appeal_forward()"
)

# Whether what a person wrote in a sitting may go: five years after the release; or, for a person who was erased, once the
# result is final, that is when no appeal may be lodged any more and none is under way.
SITTING_FORGETTABLE = """
CREATE FUNCTION sitting_forgettable(in_sitting uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM sitting t JOIN exam_session e ON e.id = t.exam_session_id JOIN person p ON p.id = t.person_id
            CROSS JOIN LATERAL (SELECT max(r.created_at) AS at FROM result_release r JOIN result x ON x.id = r.result_id
                WHERE x.sitting_id = t.id) AS released
        WHERE t.id = in_sitting AND t.state NOT IN ('ready', 'open')
            AND NOT EXISTS (SELECT FROM appeal a WHERE a.sitting_id = t.id AND a.state NOT IN ('closed', 'withdrawn'))
            AND (released.at < now() - interval '5 years'
                OR p.erased_at IS NOT NULL AND (e.state = 'cancelled' OR e.state = 'released'
                    AND coalesce(released.at, e.closes_at) < now() - make_interval(days => e.appeal_days + 1)))
    )
$$
"""

# In place of refuse_change: rows stay as they were added, but for the one column of free text that may be forgotten.
REFUSE_CHANGE_BUT_FORGETTING = """
CREATE FUNCTION refuse_change_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE forgotten text := TG_ARGV[0];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - forgotten = to_jsonb(OLD) - forgotten
        AND coalesce(to_jsonb(NEW) ->> forgotten, '') = '' AND sitting_forgettable(OLD.sitting_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are only added, never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

# Blank what may be forgotten, of one person or of all; marks, points, scores, receipts and digests stay. Gives the sittings.
FORGET_ANSWERS = """
CREATE FUNCTION forget_answers(in_person uuid, in_most integer) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE one uuid;
BEGIN
    IF NOT app_is_system() THEN
        RAISE EXCEPTION 'only the system forgets' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR one IN
        SELECT t.id FROM sitting t JOIN person p ON p.id = t.person_id JOIN exam_session e ON e.id = t.exam_session_id
        WHERE (in_person IS NULL OR t.person_id = in_person)
            AND (p.erased_at IS NOT NULL OR e.closes_at < now() - interval '5 years')
            AND (EXISTS (SELECT FROM answer a WHERE a.sitting_id = t.id AND a.response IS NOT NULL)
                OR EXISTS (SELECT FROM answer_trail a WHERE a.sitting_id = t.id AND a.response IS NOT NULL)
                OR EXISTS (SELECT FROM mark m WHERE m.sitting_id = t.id AND m.comment IS NOT NULL)
                OR EXISTS (SELECT FROM time_adjustment j WHERE j.sitting_id = t.id AND j.reason <> ''))
            AND sitting_forgettable(t.id)
        ORDER BY t.id LIMIT in_most
    LOOP
        UPDATE answer SET response = NULL WHERE sitting_id = one;
        UPDATE answer_trail SET response = NULL WHERE sitting_id = one;
        UPDATE mark SET comment = NULL WHERE sitting_id = one;
        UPDATE time_adjustment SET reason = '' WHERE sitting_id = one;
        RETURN NEXT one;
    END LOOP;
END $$
"""

FORGETTING = {"answer_trail": "response", "mark": "comment", "time_adjustment": "reason"}
"""Append-only tables and the one column of each that may be forgotten."""


def forgets(table: str, column: str) -> list[str]:
    """SQL statements after which an append-only table may blank this column, and only where `sitting_forgettable` says so."""
    return [
        f"DROP TRIGGER only_added ON {table}",
        f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION refuse_change_but_forgetting('{column}')",
    ]
