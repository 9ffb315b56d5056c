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
