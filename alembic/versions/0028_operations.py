"""The system administrator sees held jobs and queues them again; the journal is read with the names of who acted."""

from alembic import op
from service.desks.sql import HELD_JOBS, JOURNAL_ACCOUNTS, JOURNAL_NAMES, REQUEUE_JOB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTIONS = ("held_jobs(integer)", "requeue_job(bigint)", "journal_names(uuid[])", "journal_accounts(text)")


def upgrade() -> None:
    for sentence, name in zip((HELD_JOBS, REQUEUE_JOB, JOURNAL_NAMES, JOURNAL_ACCOUNTS), FUNCTIONS, strict=True):
        op.execute(sentence)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO tmc_app")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
