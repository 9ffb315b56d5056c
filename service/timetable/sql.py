"""SQL of the timetable room that its migration runs."""

BOUNDED = "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during) AND lower_inc(during) AND NOT upper_inc(during)"

# Whether a person is free is asked across organisations; what another organisation's booking is stays its own.
PERSON_BOOKINGS = """
CREATE FUNCTION person_bookings(in_persons uuid[], in_from timestamptz, in_until timestamptz)
RETURNS TABLE (person_id uuid, occurrence_id uuid, title jsonb, role text, starts_at timestamptz, ends_at timestamptz,
    room text, sequence integer, changed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT booked.person_id,
        CASE WHEN seen.shown THEN held.id END,
        CASE WHEN seen.shown THEN held.title END,
        CASE WHEN seen.shown THEN booked.role END,
        lower(booked.during), upper(booked.during),
        CASE WHEN seen.shown THEN (
            SELECT room.name FROM room_booking JOIN room ON room.id = room_booking.room_id
            WHERE room_booking.occurrence_id = held.id AND room_booking.state <> 'cancelled' LIMIT 1) END,
        CASE WHEN seen.shown THEN held.sequence END,
        CASE WHEN seen.shown THEN held.changed_at END
    FROM person_booking AS booked
    JOIN occurrence AS held ON held.id = booked.occurrence_id
    CROSS JOIN LATERAL (SELECT coalesce(booked.org_id = app_org() OR booked.person_id = app_person(), false)
        OR app_is_system() AS shown) AS seen
    WHERE booked.person_id = ANY (in_persons) AND booked.state <> 'cancelled'
        AND booked.during && tstzrange(in_from, in_until, '[)')
        AND (app_reach() IN ('org', 'system') OR booked.person_id = app_person())
    ORDER BY lower(booked.during)
$$
"""
