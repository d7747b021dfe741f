"""releases that wait for approval, and how the last release shows what contributors told of themselves."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('release_candidate',
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('contributor_count', sa.Integer(), nullable=False),
    sa.Column('byte_count', sa.BigInteger(), nullable=False),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    # In place: others refer to this table, and SQLite lets nobody drop it to make it anew.
    op.add_column('contributor', sa.Column('shown_cell', sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column('contributor', 'shown_cell')
    op.drop_table('release_candidate')
