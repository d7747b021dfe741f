"""downloads of everything, replaced user IDs, and what a contributor chooses about themselves."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('download',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('ready_at', sa.BigInteger(), nullable=True),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('discarded_at', sa.BigInteger(), nullable=True),
    sa.Column('part_count', sa.Integer(), nullable=False),
    sa.Column('byte_count', sa.BigInteger(), nullable=False),
    sa.Column('conversation_count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('public_id')
    )
    with op.batch_alter_table('download', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_download_discarded_at'), ['discarded_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_download_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index('download_of_contributor', ['contributor_id', 'asked_at'], unique=False)

    op.create_table('download_part',
    sa.Column('download_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['download_id'], ['download.id'], ),
    sa.PrimaryKeyConstraint('download_id', 'number')
    )
    op.create_table('retired_id',
    sa.Column('user_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('retired_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('user_digest')
    )
    # In place: others refer to this table, and SQLite lets nobody drop it to make it anew.
    op.add_column('contributor', sa.Column('first_digest', sa.LargeBinary(length=32), nullable=True))
    op.add_column('contributor', sa.Column('public_name', sa.String(length=64), nullable=True))
    op.add_column('contributor', sa.Column('is_in_card', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('contributor', sa.Column('badge_token', sa.String(length=43), nullable=True))
    op.add_column('contributor', sa.Column('is_ungrouped', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index('contributor_badge_token', 'contributor', ['badge_token'], unique=True)
    with op.batch_alter_table('contact_message', schema=None) as batch_op:
        batch_op.alter_column('user_digest', existing_type=sa.LargeBinary(length=32), nullable=True)
        batch_op.add_column(sa.Column('kind', sa.String(length=16), server_default='other', nullable=False))
        batch_op.add_column(sa.Column('about', sa.String(length=255), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM contact_message WHERE user_digest IS NULL")
    with op.batch_alter_table('contact_message', schema=None) as batch_op:
        batch_op.drop_column('about')
        batch_op.drop_column('kind')
        batch_op.alter_column('user_digest', existing_type=sa.LargeBinary(length=32), nullable=False)
    op.drop_index('contributor_badge_token', 'contributor')
    for name in ('is_ungrouped', 'badge_token', 'is_in_card', 'public_name', 'first_digest'):
        op.drop_column('contributor', name)
    op.drop_table('retired_id')
    op.drop_table('download_part')
    op.drop_table('download')
