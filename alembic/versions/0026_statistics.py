"""The statistics room has its counting function."""

from alembic import op
from service.statistics.sql import STATISTICS

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(STATISTICS)
    op.execute("REVOKE ALL ON FUNCTION statistics_of(text, integer, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION statistics_of(text, integer, text) TO tmc_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION statistics_of(text, integer, text)")
