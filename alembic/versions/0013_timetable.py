"""The timetable room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure
from service.timetable.sql import BOUNDED, PERSON_BOOKINGS

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state", sa.Enum("held", "cancelled", name="bookingstate", native_enum=False, length=40), nullable=False
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('held', 'cancelled')", name=op.f("ck_occurrence_state_known")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_occurrence_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_occurrence_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_occurrence_org_id_id")),
    )
    op.create_index(op.f("ix_occurrence_org_id"), "occurrence", ["org_id"], unique=False)
    op.create_index("ix_occurrence_owner", "occurrence", ["owner_kind", "owner_id"], unique=False)
    op.create_table(
        "venue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("city", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_venue_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_venue_org_id_id")),
    )
    op.create_index(op.f("ix_venue_org_id"), "venue", ["org_id"], unique=False)
    op.create_table(
        "person_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "state", sa.Enum("held", "cancelled", name="bookingstate", native_enum=False, length=40), nullable=False
        ),
        sa.CheckConstraint("state IN ('held', 'cancelled')", name=op.f("ck_person_booking_state_known")),
        sa.ForeignKeyConstraint(
            ["org_id", "occurrence_id"],
            ["occurrence.org_id", "occurrence.id"],
            name=op.f("fk_person_booking_org_id_occurrence_id_occurrence"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_person_booking_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_booking_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_booking")),
    )
    op.create_index(op.f("ix_person_booking_occurrence_id"), "person_booking", ["occurrence_id"], unique=False)
    op.create_index(op.f("ix_person_booking_org_id"), "person_booking", ["org_id"], unique=False)
    op.create_index(op.f("ix_person_booking_person_id"), "person_booking", ["person_id"], unique=False)
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.CheckConstraint("seats > 0", name=op.f("ck_room_seats_positive")),
        sa.ForeignKeyConstraint(
            ["org_id", "venue_id"],
            ["venue.org_id", "venue.id"],
            name=op.f("fk_room_org_id_venue_id_venue"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_room_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_room_org_id_id")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_room_venue_id_name")),
    )
    op.create_index(op.f("ix_room_org_id"), "room", ["org_id"], unique=False)
    op.create_table(
        "room_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "state", sa.Enum("held", "cancelled", name="bookingstate", native_enum=False, length=40), nullable=False
        ),
        sa.CheckConstraint("state IN ('held', 'cancelled')", name=op.f("ck_room_booking_state_known")),
        sa.ForeignKeyConstraint(
            ["org_id", "occurrence_id"],
            ["occurrence.org_id", "occurrence.id"],
            name=op.f("fk_room_booking_org_id_occurrence_id_occurrence"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "room_id"],
            ["room.org_id", "room.id"],
            name=op.f("fk_room_booking_org_id_room_id_room"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_room_booking_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_booking")),
    )
    op.create_index(op.f("ix_room_booking_occurrence_id"), "room_booking", ["occurrence_id"], unique=False)
    op.create_index(op.f("ix_room_booking_org_id"), "room_booking", ["org_id"], unique=False)
    op.create_index(op.f("ix_room_booking_room_id"), "room_booking", ["room_id"], unique=False)
    op.execute("CREATE TYPE uuidrange AS RANGE (subtype = uuid)")
    for table, thing in (("room_booking", "room_id"), ("person_booking", "person_id")):
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_overlap EXCLUDE USING gist"
            f" (uuidrange({thing}, {thing}, '[]') WITH &&, during WITH &&) WHERE (state <> 'cancelled')"
        )
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_during_bounded CHECK ({BOUNDED})")
    op.execute(PERSON_BOOKINGS)
    op.execute("REVOKE ALL ON FUNCTION person_bookings(uuid[], timestamptz, timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION person_bookings(uuid[], timestamptz, timestamptz) TO tmc_app, tmc_worker")
    for statement in secure("venue", "own"):
        op.execute(statement)
    for statement in secure("room", "own"):
        op.execute(statement)
    for statement in secure("occurrence", "own"):
        op.execute(statement)
    for statement in secure("room_booking", "own"):
        op.execute(statement)
    for statement in secure("person_booking", "own, person reads"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION person_bookings(uuid[], timestamptz, timestamptz)")
    op.drop_index(op.f("ix_room_booking_room_id"), table_name="room_booking")
    op.drop_index(op.f("ix_room_booking_org_id"), table_name="room_booking")
    op.drop_index(op.f("ix_room_booking_occurrence_id"), table_name="room_booking")
    op.drop_table("room_booking")
    op.drop_index(op.f("ix_room_org_id"), table_name="room")
    op.drop_table("room")
    op.drop_index(op.f("ix_person_booking_person_id"), table_name="person_booking")
    op.drop_index(op.f("ix_person_booking_org_id"), table_name="person_booking")
    op.drop_index(op.f("ix_person_booking_occurrence_id"), table_name="person_booking")
    op.drop_table("person_booking")
    op.drop_index(op.f("ix_venue_org_id"), table_name="venue")
    op.drop_table("venue")
    op.drop_index("ix_occurrence_owner", table_name="occurrence")
    op.drop_index(op.f("ix_occurrence_org_id"), table_name="occurrence")
    op.drop_table("occurrence")
    op.execute("DROP TYPE uuidrange")
