"""SQL of the desks: the held jobs of the queue, for the system administrator alone."""

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
