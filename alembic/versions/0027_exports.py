"""Employers read what a recorded ground lets them know of certificates."""

from alembic import op
from service.exchange.queries.exports import GRANTED_CREDENTIALS

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(GRANTED_CREDENTIALS)
    op.execute("REVOKE ALL ON FUNCTION granted_credentials(uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION granted_credentials(uuid[]) TO tmc_app, tmc_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION granted_credentials(uuid[])")
