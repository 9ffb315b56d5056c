"""The organisations room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure
from service.organisations.sql import ENTER_ORGANISATION, SIGNATURE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("uscc", sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "university",
                "institute",
                "firm",
                "hospital",
                "transfer_institution",
                "incubator",
                "park",
                "finance",
                "exchange",
                "government",
                "training_base",
                name="organisationkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("name_keys", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("province", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True),
        sa.Column("city", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('university', 'institute', 'firm', 'hospital', 'transfer_institution', 'incubator', 'park', 'finance', 'exchange', 'government', 'training_base')",
            name=op.f("ck_organisation_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_index("ix_organisation_name_keys", "organisation", ["name_keys"], unique=False, postgresql_using="gin")
    for statement in secure("organisation", "nation", ("id",)):
        op.execute(statement)
    op.execute(ENTER_ORGANISATION)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO tmc_app, tmc_worker")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.drop_index("ix_organisation_name_keys", table_name="organisation", postgresql_using="gin")
    op.drop_table("organisation")
