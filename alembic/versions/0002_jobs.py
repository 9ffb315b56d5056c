"""The job queue: PgQueuer's own tables in a schema of their own."""

import os

from sqlalchemy.util import await_only

from alembic import op

os.environ.setdefault("PGQUEUER_SCHEMA", "jobs")

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

QUEUE_FIGURES = """
CREATE FUNCTION queue_figures(OUT waiting bigint, OUT oldest_seconds double precision, OUT held bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jobs, pg_temp AS $$
    SELECT count(*) FILTER (WHERE status = 'queued' AND execute_after <= now()),
        coalesce(extract(epoch FROM now() - min(execute_after) FILTER (WHERE status = 'queued' AND execute_after <= now())), 0),
        count(*) FILTER (WHERE status = 'failed')
    FROM jobs.pgqueuer
$$
"""


def upgrade() -> None:
    raw = op.get_bind().connection.dbapi_connection
    script = QueryBuilderEnvironment().build_install_query()
    await_only(raw.driver_connection.execute(script))  # several statements: the simple protocol of the raw connection
    op.execute("GRANT USAGE ON SCHEMA jobs TO tmc_app, tmc_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA jobs TO tmc_worker")
    op.execute("GRANT SELECT, INSERT ON jobs.pgqueuer, jobs.pgqueuer_log TO tmc_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO tmc_app, tmc_worker")

    op.execute(QUEUE_FIGURES)
    op.execute("GRANT EXECUTE ON FUNCTION queue_figures() TO tmc_app, tmc_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION queue_figures()")
    op.execute("DROP SCHEMA jobs CASCADE")
