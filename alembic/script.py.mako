"""${message}

Rules: one matter a migration; a column goes in two steps (stop using, then drop); data are moved by statements that
assert their row count (under FORCE row-level security an UPDATE by a role without BYPASSRLS changes nothing, silently).
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
