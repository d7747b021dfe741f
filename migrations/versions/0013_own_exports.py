"""exports that contributors send of their own history, and what is found in them."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('own_export',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('contributor_id', BIG_ID, nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('arrived_at', sa.BigInteger(), nullable=True),
    sa.Column('ready_at', sa.BigInteger(), nullable=True),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('discarded_at', sa.BigInteger(), nullable=True),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('part_count', sa.Integer(), nullable=False),
    sa.Column('byte_count', sa.BigInteger(), nullable=False),
    sa.Column('percent', sa.SmallInteger(), nullable=False),
    sa.Column('problem', sa.String(length=32), nullable=True),
    sa.Column('platform', sa.String(length=64), nullable=True),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('skipped', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('public_id')
    )
    op.create_index(op.f('ix_own_export_expires_at'), 'own_export', ['expires_at'])
    op.create_index(op.f('ix_own_export_discarded_at'), 'own_export', ['discarded_at'])
    op.create_index('own_export_of_contributor', 'own_export', ['contributor_id', 'asked_at'])
    op.create_table('export_part',
    sa.Column('export_id', BIG_ID, nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['export_id'], ['own_export.id']),
    sa.PrimaryKeyConstraint('export_id', 'number')
    )
    op.create_table('export_candidate',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('export_id', BIG_ID, nullable=False),
    sa.Column('conversation_id', sa.String(length=200), nullable=False),
    sa.Column('client_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('message_count', sa.Integer(), nullable=False),
    sa.Column('character_count', sa.Integer(), nullable=False),
    sa.Column('is_chosen', sa.SmallInteger(), nullable=False),
    sa.Column('model', sa.String(length=200), nullable=True),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('texts', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['export_id'], ['own_export.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_export_candidate_client_digest'), 'export_candidate', ['client_digest'])
    op.create_index('export_candidate_once', 'export_candidate', ['export_id', 'conversation_id'], unique=True)
    op.create_index('export_candidate_listed', 'export_candidate', ['export_id', 'at', 'id'])


def downgrade() -> None:
    op.drop_table('export_candidate')
    op.drop_table('export_part')
    op.drop_table('own_export')
