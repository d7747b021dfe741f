"""the first tables."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contributor',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('consent_version', sa.String(length=64), nullable=True),
    sa.Column('plugin_version', sa.String(length=64), nullable=True),
    sa.Column('consent_ended_at', sa.BigInteger(), nullable=True),
    sa.Column('age_band', sa.String(length=16), nullable=True),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('gender', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('user_digest')
    )
    op.create_table('job_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('job', sa.String(length=32), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('heartbeat_at', sa.BigInteger(), nullable=False),
    sa.Column('finished_at', sa.BigInteger(), nullable=True),
    sa.Column('counts', sa.Text(), nullable=False),
    sa.Column('error_type', sa.String(length=128), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('job_run', schema=None) as batch_op:
        batch_op.create_index('job_run_by_job', ['job', 'started_at'], unique=False)

    op.create_table('release',
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('contributor_count', sa.Integer(), nullable=False),
    sa.Column('byte_count', sa.BigInteger(), nullable=False),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    op.create_table('consent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('text_sha256', sa.String(length=64), nullable=False),
    sa.Column('given_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index('consent_of_contributor', ['contributor_id', 'given_at'], unique=False)

    op.create_table('conversation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('releasable_at', sa.BigInteger(), nullable=False),
    sa.Column('unreleased_since', sa.BigInteger(), nullable=True),
    sa.Column('began_at', sa.BigInteger(), nullable=False),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('message_count', sa.Integer(), nullable=False),
    sa.Column('character_count', sa.Integer(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('change', sa.Integer(), nullable=False),
    sa.Column('rating', sa.SmallInteger(), nullable=True),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('consent_version', sa.String(length=64), nullable=False),
    sa.Column('claimed_at', sa.BigInteger(), nullable=True),
    sa.Column('failures', sa.SmallInteger(), nullable=False),
    sa.Column('quarantined', sa.Boolean(), nullable=False),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.Column('erase_after', sa.BigInteger(), nullable=True),
    sa.Column('erased_at', sa.BigInteger(), nullable=True),
    sa.Column('platform', sa.String(length=64), nullable=True),
    sa.Column('page_host', sa.String(length=255), nullable=True),
    sa.Column('model', sa.String(length=200), nullable=True),
    sa.Column('client_version', sa.String(length=64), nullable=True),
    sa.Column('first_release', sa.String(length=64), nullable=True),
    sa.Column('form_release', sa.String(length=64), nullable=True),
    sa.Column('anonymiser_version', sa.String(length=32), nullable=True),
    sa.Column('flags', sa.String(length=255), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=True),
    sa.Column('published_hash', sa.String(length=64), nullable=True),
    sa.Column('redactions', sa.Text(), nullable=True),
    sa.Column('client_id', sa.String(length=200), nullable=True),
    sa.Column('placeholders', sa.Text(), nullable=True),
    sa.Column('published', sa.Text(), nullable=True),
    sa.Column('messages', sa.Text(), nullable=True),
    sa.Column('branches', sa.Text(), nullable=True),
    sa.Column('pending', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('public_id')
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('conversation_by_stage', ['stage', 'changed_at'], unique=False)
        batch_op.create_index('conversation_of_contributor', ['contributor_id', 'received_at', 'id'], unique=False)
        batch_op.create_index('conversation_once', ['contributor_id', 'client_digest'], unique=True)
        batch_op.create_index('conversation_to_erase', ['erase_after'], unique=False, sqlite_where=sa.text('erase_after IS NOT NULL'), postgresql_where=sa.text('erase_after IS NOT NULL'))

    op.create_table('login_session',
    sa.Column('token_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('token_digest')
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_session_contributor_id'), ['contributor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_login_session_expires_at'), ['expires_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_session_expires_at'))
        batch_op.drop_index(batch_op.f('ix_login_session_contributor_id'))

    op.drop_table('login_session')
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.drop_index('conversation_to_erase', sqlite_where=sa.text('erase_after IS NOT NULL'), postgresql_where=sa.text('erase_after IS NOT NULL'))
        batch_op.drop_index('conversation_once')
        batch_op.drop_index('conversation_of_contributor')
        batch_op.drop_index('conversation_by_stage')

    op.drop_table('conversation')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index('consent_of_contributor')

    op.drop_table('consent')
    op.drop_table('release')
    with op.batch_alter_table('job_run', schema=None) as batch_op:
        batch_op.drop_index('job_run_by_job')

    op.drop_table('job_run')
    op.drop_table('contributor')
