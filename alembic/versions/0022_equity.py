"""The equity room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.equity.sql import KEEP_GRANT, KEPT
from service.foundation.tenancy import only_added, secure

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equity_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("company", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column(
            "instrument",
            sa.Enum("award", "restricted", "option", "virtual", name="instrument", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("proposed", "granted", "refused", "ended", name="grantstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("ending_on", sa.Date(), nullable=True),
        sa.Column(
            "ending_ground",
            sa.Enum(
                "left",
                "misconduct",
                "targets_missed",
                "agreed",
                "company_ended",
                name="endingground",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("forfeited", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(ending_on IS NULL) = (ending_ground IS NULL)", name=op.f("ck_equity_grant_ending_has_its_ground")
        ),
        sa.CheckConstraint(
            "ending_ground IN ('left', 'misconduct', 'targets_missed', 'agreed', 'company_ended')",
            name=op.f("ck_equity_grant_ending_ground_known"),
        ),
        sa.CheckConstraint("forfeited BETWEEN 0 AND quantity", name=op.f("ck_equity_grant_forfeited_within_grant")),
        sa.CheckConstraint("state = 'ended' OR forfeited = 0", name=op.f("ck_equity_grant_forfeited_when_ended")),
        sa.CheckConstraint("state <> 'ended' OR ending_on IS NOT NULL", name=op.f("ck_equity_grant_ended_is_dated")),
        sa.CheckConstraint(
            "state IN ('proposed', 'granted', 'refused', 'ended')", name=op.f("ck_equity_grant_state_known")
        ),
        sa.CheckConstraint(
            "instrument IN ('award', 'restricted', 'option', 'virtual')", name=op.f("ck_equity_grant_instrument_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_equity_grant_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"],
            ["technology_contract.org_id", "technology_contract.id"],
            name=op.f("fk_equity_grant_org_id_contract_id_technology_contract"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_version_id"],
            ["plan_version.org_id", "plan_version.id"],
            name=op.f("fk_equity_grant_org_id_plan_version_id_plan_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_equity_grant_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_equity_grant_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_grant")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_equity_grant_org_id_id")),
    )
    op.create_index(
        "uq_equity_grant_reference",
        "equity_grant",
        ["org_id", "reference"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_index(op.f("ix_equity_grant_contract_id"), "equity_grant", ["contract_id"], unique=False)
    op.create_index(op.f("ix_equity_grant_org_id"), "equity_grant", ["org_id"], unique=False)
    op.create_index(op.f("ix_equity_grant_person_id"), "equity_grant", ["person_id"], unique=False)
    op.create_index(op.f("ix_equity_grant_plan_version_id"), "equity_grant", ["plan_version_id"], unique=False)
    op.create_table(
        "share_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("vested_before", sa.BigInteger(), nullable=False),
        sa.Column("vested_after", sa.BigInteger(), nullable=False),
        sa.Column("ledger_entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "vested_after > vested_before AND vested_before >= 0", name=op.f("ck_share_event_vesting_only_grows")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_entry_id"],
            ["ledger_entry.id"],
            name=op.f("fk_share_event_ledger_entry_id_ledger_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "grant_id"],
            ["equity_grant.org_id", "equity_grant.id"],
            name=op.f("fk_share_event_org_id_grant_id_equity_grant"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_share_event_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_event")),
        sa.UniqueConstraint("grant_id", "as_of", name=op.f("uq_share_event_grant_id_as_of")),
        sa.UniqueConstraint("grant_id", "vested_before", name=op.f("uq_share_event_grant_id_vested_before")),
    )
    op.create_index(op.f("ix_share_event_grant_id"), "share_event", ["grant_id"], unique=False)
    op.create_index(op.f("ix_share_event_ledger_entry_id"), "share_event", ["ledger_entry_id"], unique=False)
    op.create_index(op.f("ix_share_event_org_id"), "share_event", ["org_id"], unique=False)
    for statement in secure("equity_grant", "own, person reads"):
        op.execute(statement)
    op.execute(KEEP_GRANT)
    op.execute(KEPT)
    for statement in secure("share_event", "own"):
        op.execute(statement)
    for statement in only_added("share_event"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_share_event_org_id"), table_name="share_event")
    op.drop_index(op.f("ix_share_event_ledger_entry_id"), table_name="share_event")
    op.drop_index(op.f("ix_share_event_grant_id"), table_name="share_event")
    op.drop_table("share_event")
    op.drop_index(op.f("ix_equity_grant_plan_version_id"), table_name="equity_grant")
    op.drop_index(op.f("ix_equity_grant_person_id"), table_name="equity_grant")
    op.drop_index(op.f("ix_equity_grant_org_id"), table_name="equity_grant")
    op.drop_index(op.f("ix_equity_grant_contract_id"), table_name="equity_grant")
    op.drop_index("uq_equity_grant_reference", table_name="equity_grant")
    op.drop_table("equity_grant")
    op.execute("DROP FUNCTION keep_grant()")
