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
