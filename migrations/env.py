"""Runs migrations on the connection that `hotline.store.schema` hands over; there is no other way in."""

from __future__ import annotations

from alembic import context

from hotline.store.tables import METADATA

connection = context.config.attributes["connection"]
if connection is None:
    raise SystemExit("migrations run through `hotline migrate`")
context.configure(connection=connection, target_metadata=METADATA, compare_type=True, compare_server_default=True)
# The caller's transaction is the migration's: all steps or none.
context.run_migrations()
