"""SQL of the courses room that its migration runs."""

MEETING_STATE = """
CREATE FUNCTION meeting_state() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT state INTO NEW.state FROM course_session WHERE id = NEW.course_session_id;
    RETURN NEW;
END $$
"""

# The programme of a published session is for everyone: times, places and the names of who teaches.
PROGRAMME = """
CREATE FUNCTION programme(in_session uuid)
RETURNS TABLE (meeting_id uuid, occurrence_id uuid, starts_at timestamptz, ends_at timestamptz, module text,
    course_code text, form text, minutes integer, room_id uuid, room text, venue jsonb, address text,
    lecturer_id uuid, lecturer text, lecturer_english text, cancelled boolean, sequence integer, changed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT meeting.id, held.id, held.starts_at, held.ends_at, meeting.module, meeting.course_code, meeting.form,
        meeting.minutes, room.id, room.name, venue.name, venue.address, person.id, person.name, person.english_name,
        meeting.cancelled, held.sequence, held.changed_at
    FROM meeting
    JOIN occurrence AS held ON held.id = meeting.occurrence_id
    LEFT JOIN room ON room.id = meeting.room_id
    LEFT JOIN venue ON venue.id = room.venue_id
    LEFT JOIN person ON person.id = meeting.lecturer_id
    WHERE meeting.course_session_id = in_session
        AND (meeting.state <> 'planned' OR meeting.org_id = app_org() OR app_is_system())
    ORDER BY held.starts_at, meeting.id
$$
"""

# Who teaches for the asking organisation: holders of a teaching post there, and persons seen on a recorded ground.
LECTURERS = """
CREATE FUNCTION lecturers_at(in_org uuid)
RETURNS TABLE (person_id uuid, name text, english_name text, sort_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT person.id, person.name, person.english_name, person.sort_key
    FROM person
    WHERE (in_org = app_org() OR app_is_system()) AND person.merged_into IS NULL AND person.erased_at IS NULL
        AND (EXISTS (SELECT 1 FROM post JOIN account ON account.id = post.account_id
                WHERE account.person_id = person.id AND post.org_id = in_org
                    AND post.role IN ('lecturer', 'practice_mentor')
                    AND post.starts_on <= current_date AND (post.ends_on IS NULL OR post.ends_on >= current_date))
            OR EXISTS (SELECT 1 FROM person_access AS granted
                WHERE granted.person_id = person.id AND granted.org_id = in_org AND granted.ground = 'teaching'
                    AND (granted.until IS NULL OR granted.until > now())))
    ORDER BY person.sort_key, person.name
$$
"""
