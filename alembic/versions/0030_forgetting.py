"""What people wrote in exams may be forgotten when it is due."""

from alembic import op
from service.exams.sql import (
    FORGET_ANSWERS,
    FORGETTING,
    REFUSE_CHANGE_BUT_FORGETTING,
    SITTING_FORGETTABLE,
    forgets,
)

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(SITTING_FORGETTABLE)
    op.execute(REFUSE_CHANGE_BUT_FORGETTING)
    for table, column in FORGETTING.items():
        for statement in forgets(table, column):
            op.execute(statement)
    op.execute(FORGET_ANSWERS)
    op.execute("REVOKE ALL ON FUNCTION sitting_forgettable(uuid), forget_answers(uuid, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_answers(uuid, integer) TO tmc_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_answers(uuid, integer)")
    for table in FORGETTING:
        op.execute(f"DROP TRIGGER only_added ON {table}")
        op.execute(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute("DROP FUNCTION refuse_change_but_forgetting()")
    op.execute("DROP FUNCTION sitting_forgettable(uuid)")
