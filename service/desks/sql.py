"""SQL of the desks: the held jobs of the queue, for the system administrator alone; names for readers of the journal."""

# A job's payload holds ids only. The last line of its failure is shown, never its values.
HELD_JOBS = """
CREATE FUNCTION held_jobs(in_limit integer)
RETURNS TABLE (id bigint, entrypoint text, created timestamptz, failed_at timestamptz, attempts integer, payload text,
    failure text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jobs, public, pg_temp AS $$
    SELECT held.id, held.entrypoint, held.created, held.updated, held.attempts, convert_from(held.payload, 'UTF8'),
        (SELECT logged.traceback ->> 'exception_type' FROM jobs.pgqueuer_log AS logged
         WHERE logged.job_id = held.id AND logged.traceback IS NOT NULL ORDER BY logged.created DESC LIMIT 1)
    FROM jobs.pgqueuer AS held
    WHERE held.status = 'failed' AND app_reach() = 'authority'
    ORDER BY held.id DESC LIMIT in_limit
$$
"""

REQUEUE_JOB = """
CREATE FUNCTION requeue_job(in_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jobs, public, pg_temp AS $$
BEGIN
    IF app_reach() <> 'authority' THEN
        RAISE EXCEPTION 'only an administrator queues a held job again' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE jobs.pgqueuer SET status = 'queued', queue_manager_id = NULL, slot = NULL, updated = now(),
        heartbeat = now(), execute_after = now()
    WHERE id = in_id AND status = 'failed';
    RETURN FOUND;
END $$
"""

# Who did what stands in the journal by account; the name belongs to whoever may read the entry, of staff alone.
# A person's own account is told by its person, whose name row-level security shows or not.
JOURNAL_NAMES = """
CREATE FUNCTION journal_names(in_entries uuid[])
RETURNS TABLE (entry_id uuid, actor_name text, actor_person uuid, actor_roles text[], subject_name text,
    subject_person uuid, subject_role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT entry.id,
        CASE WHEN actor.login_name IS NOT NULL THEN actor.display_name END,
        CASE WHEN actor.login_name IS NULL THEN actor.person_id END,
        ARRAY(SELECT DISTINCT held.role FROM post AS held
            WHERE held.account_id = actor.id AND (held.org_id = entry.org_id OR NOT EXISTS (SELECT 1 FROM post AS here
                    WHERE here.account_id = actor.id AND here.org_id = entry.org_id))
                AND held.starts_on <= (entry.created_at AT TIME ZONE 'Asia/Shanghai')::date
                AND (held.ends_on IS NULL OR held.ends_on >= (entry.created_at AT TIME ZONE 'Asia/Shanghai')::date)
            ORDER BY held.role),
        CASE WHEN subject.login_name IS NOT NULL THEN subject.display_name END,
        CASE WHEN subject.login_name IS NULL THEN subject.person_id END,
        given.role
    FROM journal_entry AS entry
        LEFT JOIN account AS actor ON actor.id = entry.account_id
        LEFT JOIN post AS given ON entry.subject_kind = 'post' AND given.id = entry.subject_id
        LEFT JOIN account AS subject ON subject.id = CASE entry.subject_kind
            WHEN 'account' THEN entry.subject_id WHEN 'post' THEN given.account_id END
    WHERE entry.id = ANY (in_entries)
        AND (app_reach() IN ('nation', 'authority') OR (app_reach() = 'org' AND entry.org_id = app_org()))
$$
"""

# Staff whose name or sign-in name holds the text: for an organisation, those with a post there.
JOURNAL_ACCOUNTS = """
CREATE FUNCTION journal_accounts(in_text text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT account.id FROM account
    WHERE account.login_name IS NOT NULL
        AND (strpos(lower(account.display_name), lower(in_text)) > 0 OR account.login_name = lower(in_text))
        AND (app_reach() IN ('nation', 'authority') OR (app_reach() = 'org' AND EXISTS (SELECT 1 FROM post
            WHERE post.account_id = account.id AND post.org_id = app_org())))
    ORDER BY account.id LIMIT 500
$$
"""
