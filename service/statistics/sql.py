"""SQL of the statistics room: counts over all bases that give numbers alone, never a row of anybody."""

# Who reads what is decided here: the nation's readers all bases, a government's body the bases of its province,
# a base its own. `in_by` names what the counts are grouped by; any other word gives one row over everything.
STATISTICS = """
CREATE FUNCTION statistics_of(in_by text, in_year integer, in_level text)
RETURNS TABLE (key text, sessions bigint, enrolments bigint, persons bigint, completed bigint, results bigint,
    passed bigint, certificates bigint, certificates_valid bigint, specimens bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH seen AS (
        SELECT base.id, base.code, base.province FROM base
        WHERE sandbox_fits(base.org_id) AND (app_reach() = 'nation' OR base.org_id = app_org() OR EXISTS (
            SELECT 1 FROM organisation AS body WHERE body.id = app_org() AND body.kind = 'government'
                AND body.province = base.province))
    ), held AS (
        SELECT course_session.id, seen.code, seen.province, edition.level,
            extract(year FROM course_session.starts_on)::integer AS year
        FROM course_session JOIN seen ON seen.id = course_session.base_id
            JOIN edition ON edition.id = course_session.syllabus_id
        WHERE course_session.state IN ('published', 'closed')
    ), released AS (
        SELECT DISTINCT ON (result_release.exam_session_id, result_release.enrolment_id)
            exam_session.course_session_id, result.passed,
            extract(year FROM exam_session.opens_at AT TIME ZONE 'Asia/Shanghai')::integer AS year
        FROM result_release JOIN result ON result.id = result_release.result_id
            JOIN exam_session ON exam_session.id = result_release.exam_session_id
        ORDER BY result_release.exam_session_id, result_release.enrolment_id, result_release.created_at DESC, result.run DESC
    ), awarded AS (
        SELECT DISTINCT ON (credential.number) credential.base_id, credential.level, credential.specimen,
            extract(year FROM credential.awarded_on)::integer AS year,
            credential.state = 'valid' AND (credential.valid_until IS NULL
                OR credential.valid_until >= (now() AT TIME ZONE 'Asia/Shanghai')::date) AS stands
        FROM credential WHERE credential.kind IN ('completion', 'level')
        ORDER BY credential.number, credential.version DESC
    ), facts AS (
        SELECT code, province, level, year, 'session' AS what, NULL::uuid AS person, false AS good FROM held
        UNION ALL
        SELECT held.code, held.province, held.level, held.year, 'enrolment', coalesce(person.merged_into, person.id),
            enrolment.state = 'completed'
        FROM held JOIN enrolment ON enrolment.course_session_id = held.id JOIN person ON person.id = enrolment.person_id
        WHERE enrolment.state IN ('enrolled', 'completed', 'not_completed')
        UNION ALL
        SELECT seen.code, seen.province, edition.level, released.year, 'result', NULL, released.passed
        FROM released JOIN course_session ON course_session.id = released.course_session_id
            JOIN seen ON seen.id = course_session.base_id JOIN edition ON edition.id = course_session.syllabus_id
        UNION ALL
        SELECT seen.code, seen.province, awarded.level, awarded.year,
            CASE WHEN awarded.specimen THEN 'specimen' ELSE 'certificate' END, NULL, awarded.stands
        FROM awarded JOIN seen ON seen.id = awarded.base_id
    )
    SELECT CASE in_by WHEN 'base' THEN code WHEN 'level' THEN level WHEN 'year' THEN year::text
            WHEN 'province' THEN province ELSE '' END AS key,
        count(*) FILTER (WHERE what = 'session'), count(*) FILTER (WHERE what = 'enrolment'),
        count(DISTINCT person) FILTER (WHERE what = 'enrolment'),
        count(*) FILTER (WHERE what = 'enrolment' AND good), count(*) FILTER (WHERE what = 'result'),
        count(*) FILTER (WHERE what = 'result' AND good), count(*) FILTER (WHERE what = 'certificate'),
        count(*) FILTER (WHERE what = 'certificate' AND good), count(*) FILTER (WHERE what = 'specimen')
    FROM facts
    WHERE (in_year IS NULL OR year = in_year) AND (in_level IS NULL OR level = in_level)
    GROUP BY 1 ORDER BY 1
$$
"""
