"""The incentives room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import only_added, secure
from service.incentives.sql import DROP, STATEMENTS

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("commission", "revenue_share", "equity", name="plankind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("kind IN ('commission', 'revenue_share', 'equity')", name=op.f("ck_plan_kind_known")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_plan_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("org_id", "code", name=op.f("uq_plan_org_id_code")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_plan_org_id_id")),
    )
    op.create_index(op.f("ix_plan_org_id"), "plan", ["org_id"], unique=False)
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "proposed", "in_force", "ended", name="planstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'in_force', 'ended')", name=op.f("ck_plan_version_state_known")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_plan_version_days_in_order")),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_id"],
            ["plan.org_id", "plan.id"],
            name=op.f("fk_plan_version_org_id_plan_id_plan"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_plan_version_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_plan_version_org_id_id")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_plan_version_plan_id_version")),
    )
    op.create_index(op.f("ix_plan_version_org_id"), "plan_version", ["org_id"], unique=False)
    op.create_index(op.f("ix_plan_version_plan_id"), "plan_version", ["plan_id"], unique=False)
    op.create_table(
        "revenue_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "receipt",
                "refund",
                "cost",
                "profit",
                "loss",
                "pool",
                "contract_concluded",
                "transaction_concluded",
                "reversal",
                name="eventkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("deductions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_revenue_event_reversal_names_its_event")
        ),
        sa.CheckConstraint(
            "kind IN ('receipt', 'refund', 'cost', 'profit', 'loss', 'pool', 'contract_concluded', 'transaction_concluded', 'reversal')",
            name=op.f("ck_revenue_event_kind_known"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_revenue_event_amount_positive")),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"],
            ["technology_contract.org_id", "technology_contract.id"],
            name=op.f("fk_revenue_event_org_id_contract_id_technology_contract"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_revenue_event_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses"],
            ["revenue_event.id"],
            name=op.f("fk_revenue_event_reverses_revenue_event"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_event")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_revenue_event_org_id_id")),
        sa.UniqueConstraint("org_id", "source", "reference", name=op.f("uq_revenue_event_org_id_source_reference")),
    )
    op.create_index(op.f("ix_revenue_event_contract_id"), "revenue_event", ["contract_id"], unique=False)
    op.create_index(op.f("ix_revenue_event_org_id"), "revenue_event", ["org_id"], unique=False)
    op.create_index(op.f("ix_revenue_event_reverses"), "revenue_event", ["reverses"], unique=True)
    op.create_table(
        "year_total",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("earned_fen", sa.BigInteger(), nullable=False),
        sa.Column("booked_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_id"],
            ["plan.org_id", "plan.id"],
            name=op.f("fk_year_total_org_id_plan_id_plan"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_year_total_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_year_total_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_total")),
        sa.UniqueConstraint("plan_id", "person_id", "year", name=op.f("uq_year_total_plan_id_person_id_year")),
    )
    op.create_index(op.f("ix_year_total_org_id"), "year_total", ["org_id"], unique=False)
    op.create_index(op.f("ix_year_total_person_id"), "year_total", ["person_id"], unique=False)
    op.create_index(op.f("ix_year_total_plan_id"), "year_total", ["plan_id"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"],
            ["technology_contract.org_id", "technology_contract.id"],
            name=op.f("fk_agreement_org_id_contract_id_technology_contract"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_version_id"],
            ["plan_version.org_id", "plan_version.id"],
            name=op.f("fk_agreement_org_id_plan_version_id_plan_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_agreement_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("contract_id", "plan_version_id", name=op.f("uq_agreement_contract_id_plan_version_id")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_agreement_org_id_id")),
    )
    op.create_index(op.f("ix_agreement_contract_id"), "agreement", ["contract_id"], unique=False)
    op.create_index(op.f("ix_agreement_org_id"), "agreement", ["org_id"], unique=False)
    op.create_index(op.f("ix_agreement_plan_version_id"), "agreement", ["plan_version_id"], unique=False)
    op.create_table(
        "accrual",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("event", "reversal", "adjustment", name="accrualkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("base_before_fen", sa.BigInteger(), nullable=False),
        sa.Column("base_after_fen", sa.BigInteger(), nullable=False),
        sa.Column("total_before_fen", sa.BigInteger(), nullable=False),
        sa.Column("total_after_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("booked_fen", sa.BigInteger(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("ledger_entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_accrual_reversal_names_its_accrual")
        ),
        sa.CheckConstraint("kind IN ('event', 'reversal', 'adjustment')", name=op.f("ck_accrual_kind_known")),
        sa.ForeignKeyConstraint(
            ["ledger_entry_id"],
            ["ledger_entry.id"],
            name=op.f("fk_accrual_ledger_entry_id_ledger_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "agreement_id"],
            ["agreement.org_id", "agreement.id"],
            name=op.f("fk_accrual_org_id_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "event_id"],
            ["revenue_event.org_id", "revenue_event.id"],
            name=op.f("fk_accrual_org_id_event_id_revenue_event"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_accrual_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["accrual.id"], name=op.f("fk_accrual_reverses_accrual"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accrual")),
        sa.UniqueConstraint("agreement_id", "event_id", "kind", name=op.f("uq_accrual_agreement_id_event_id_kind")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_accrual_org_id_id")),
        sa.UniqueConstraint("reverses", name=op.f("uq_accrual_reverses")),
    )
    op.create_index(op.f("ix_accrual_agreement_id"), "accrual", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_accrual_event_id"), "accrual", ["event_id"], unique=False)
    op.create_index(op.f("ix_accrual_ledger_entry_id"), "accrual", ["ledger_entry_id"], unique=False)
    op.create_index(op.f("ix_accrual_org_id"), "accrual", ["org_id"], unique=False)
    op.create_table(
        "agreement_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("party_no", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("line", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_agreement_party_weight_positive")),
        sa.ForeignKeyConstraint(
            ["org_id", "agreement_id"],
            ["agreement.org_id", "agreement.id"],
            name=op.f("fk_agreement_party_org_id_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_agreement_party_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_agreement_party_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_party")),
        sa.UniqueConstraint("agreement_id", "party_no", name=op.f("uq_agreement_party_agreement_id_party_no")),
    )
    op.create_index(op.f("ix_agreement_party_agreement_id"), "agreement_party", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_agreement_party_org_id"), "agreement_party", ["org_id"], unique=False)
    op.create_index(op.f("ix_agreement_party_person_id"), "agreement_party", ["person_id"], unique=False)
    op.create_table(
        "bucket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("base_fen", sa.BigInteger(), nullable=False),
        sa.Column("earned_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "agreement_id"],
            ["agreement.org_id", "agreement.id"],
            name=op.f("fk_bucket_org_id_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_bucket_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bucket")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_bucket_agreement_id")),
    )
    op.create_index(op.f("ix_bucket_org_id"), "bucket", ["org_id"], unique=False)
    op.create_table(
        "accrual_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("accrual_id", sa.Uuid(), nullable=False),
        sa.Column("party_no", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("earned_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "accrual_id"],
            ["accrual.org_id", "accrual.id"],
            name=op.f("fk_accrual_line_org_id_accrual_id_accrual"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_accrual_line_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_accrual_line_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accrual_line")),
        sa.UniqueConstraint("accrual_id", "party_no", name=op.f("uq_accrual_line_accrual_id_party_no")),
    )
    op.create_index(op.f("ix_accrual_line_accrual_id"), "accrual_line", ["accrual_id"], unique=False)
    op.create_index(op.f("ix_accrual_line_org_id"), "accrual_line", ["org_id"], unique=False)
    op.create_index(op.f("ix_accrual_line_person_id"), "accrual_line", ["person_id"], unique=False)
    for statement in secure("plan", "own"):
        op.execute(statement)
    for statement in secure("plan_version", "own"):
        op.execute(statement)
    for statement in secure("agreement", "own"):
        op.execute(statement)
    for statement in only_added("agreement"):
        op.execute(statement)
    for statement in secure("agreement_party", "own, person reads"):
        op.execute(statement)
    for statement in only_added("agreement_party"):
        op.execute(statement)
    for statement in secure("revenue_event", "own"):
        op.execute(statement)
    for statement in only_added("revenue_event"):
        op.execute(statement)
    for statement in secure("bucket", "own"):
        op.execute(statement)
    for statement in secure("year_total", "own, person reads"):
        op.execute(statement)
    for statement in secure("accrual", "own"):
        op.execute(statement)
    for statement in only_added("accrual"):
        op.execute(statement)
    for statement in secure("accrual_line", "own, person reads"):
        op.execute(statement)
    for statement in only_added("accrual_line"):
        op.execute(statement)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP:
        op.execute(statement)
    op.drop_index(op.f("ix_accrual_line_person_id"), table_name="accrual_line")
    op.drop_index(op.f("ix_accrual_line_org_id"), table_name="accrual_line")
    op.drop_index(op.f("ix_accrual_line_accrual_id"), table_name="accrual_line")
    op.drop_table("accrual_line")
    op.drop_index(op.f("ix_bucket_org_id"), table_name="bucket")
    op.drop_table("bucket")
    op.drop_index(op.f("ix_agreement_party_person_id"), table_name="agreement_party")
    op.drop_index(op.f("ix_agreement_party_org_id"), table_name="agreement_party")
    op.drop_index(op.f("ix_agreement_party_agreement_id"), table_name="agreement_party")
    op.drop_table("agreement_party")
    op.drop_index(op.f("ix_accrual_org_id"), table_name="accrual")
    op.drop_index(op.f("ix_accrual_ledger_entry_id"), table_name="accrual")
    op.drop_index(op.f("ix_accrual_event_id"), table_name="accrual")
    op.drop_index(op.f("ix_accrual_agreement_id"), table_name="accrual")
    op.drop_table("accrual")
    op.drop_index(op.f("ix_agreement_plan_version_id"), table_name="agreement")
    op.drop_index(op.f("ix_agreement_org_id"), table_name="agreement")
    op.drop_index(op.f("ix_agreement_contract_id"), table_name="agreement")
    op.drop_table("agreement")
    op.drop_index(op.f("ix_year_total_plan_id"), table_name="year_total")
    op.drop_index(op.f("ix_year_total_person_id"), table_name="year_total")
    op.drop_index(op.f("ix_year_total_org_id"), table_name="year_total")
    op.drop_table("year_total")
    op.drop_index(op.f("ix_revenue_event_reverses"), table_name="revenue_event")
    op.drop_index(op.f("ix_revenue_event_org_id"), table_name="revenue_event")
    op.drop_index(op.f("ix_revenue_event_contract_id"), table_name="revenue_event")
    op.drop_table("revenue_event")
    op.drop_index(op.f("ix_plan_version_plan_id"), table_name="plan_version")
    op.drop_index(op.f("ix_plan_version_org_id"), table_name="plan_version")
    op.drop_table("plan_version")
    op.drop_index(op.f("ix_plan_org_id"), table_name="plan")
    op.drop_table("plan")
