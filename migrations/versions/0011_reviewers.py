"""reviewers, what they decide, and the log of it that nobody can change."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
WAITING = sa.text("stage = 'anonymised' AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table('reviewer',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name')
    )
    op.create_table('reviewer_session',
    sa.Column('token_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('reviewer_id', BIG_ID, nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['reviewer_id'], ['reviewer.id']),
    sa.PrimaryKeyConstraint('token_digest')
    )
    op.create_index(op.f('ix_reviewer_session_expires_at'), 'reviewer_session', ['expires_at'])
    op.create_index(op.f('ix_reviewer_session_reviewer_id'), 'reviewer_session', ['reviewer_id'])
    op.create_table('audit_entry',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('reviewer', sa.String(length=64), nullable=False),
    sa.Column('act', sa.String(length=32), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=True),
    sa.Column('detail', sa.String(length=500), nullable=True),
    sa.Column('count', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_audit_entry_act'), 'audit_entry', ['act'])
    op.create_index(op.f('ix_audit_entry_public_id'), 'audit_entry', ['public_id'])
    # In place: others refer to this table, and SQLite lets nobody drop it to make it anew.
    op.add_column('conversation', sa.Column('rejection', sa.String(length=500), nullable=True))
    op.add_column('conversation', sa.Column('toxic', sa.Boolean(), nullable=True))
    op.create_index('conversation_to_review', 'conversation', ['changed_at', 'risk', 'flags'], sqlite_where=WAITING, postgresql_where=WAITING)
    guard_log()


def guard_log() -> None:
    """Nothing of the log is changed or deleted, whoever asks."""
    if op.get_bind().dialect.name == 'sqlite':
        for act in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log()"
        )


def downgrade() -> None:
    op.drop_index('conversation_to_review', table_name='conversation')
    op.drop_column('conversation', 'toxic')
    op.drop_column('conversation', 'rejection')
    op.drop_table('audit_entry')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION refuse_change_of_audit_log()')
    op.drop_table('reviewer_session')
    op.drop_table('reviewer')
