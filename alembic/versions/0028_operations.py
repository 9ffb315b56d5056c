"""The system administrator sees held jobs and queues them again."""

from alembic import op
from service.desks.sql import HELD_JOBS, REQUEUE_JOB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTIONS = ("held_jobs(integer)", "requeue_job(bigint)")


def upgrade() -> None:
    for sentence, name in zip((HELD_JOBS, REQUEUE_JOB), FUNCTIONS, strict=True):
        op.execute(sentence)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO tmc_app")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
