"""The lists of tickets (工单查询) of one operator and of one category in the order in which they are shown."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("tickets_operator_day_idx", "tickets", ["hall", "operator", "day", "number"])
    op.create_index("tickets_category_day_idx", "tickets", ["hall", "category", "day", "number"])
    op.drop_index("tickets_operator_idx", table_name="tickets")
    op.drop_index("tickets_category_idx", table_name="tickets")


def downgrade() -> None:
    op.create_index("tickets_operator_idx", "tickets", ["hall", "operator", "created_at"])
    op.create_index("tickets_category_idx", "tickets", ["hall", "category", "day"])
    op.drop_index("tickets_category_day_idx", table_name="tickets")
    op.drop_index("tickets_operator_day_idx", table_name="tickets")
