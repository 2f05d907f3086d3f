"""Removing a mailbox without losing what it brought: every email stays accounted for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func

from psa.extensions import db, lock_row
from psa.mail.drafts import undisturbed
from psa.mail.models import InboundEmail, MailAccount, SettingsVersion
from psa.mail.watch.models import ExpectedMail


@dataclass(frozen=True, slots=True)
class Dependents:
    """What hangs on a mailbox: messages in the ledger, tickets that they are on, and mail that is expected there."""

    messages: int
    tickets: int
    expected: int


def what_depends_on(account: MailAccount) -> Dependents:
    messages, tickets = db.session.execute(
        db.select(func.count(), func.count(InboundEmail.ticket_id.distinct())).where(
            InboundEmail.account_id == account.id
        )
    ).one()
    expected = db.session.scalar(db.select(func.count()).where(ExpectedMail.account_id == account.id))
    return Dependents(messages, tickets, expected or 0)


def remove(account: MailAccount) -> bool:
    """Delete a mailbox that brought nothing: True. One that brought messages is only retired: False. Commits.

    The ledger would go with its mailbox: messages without a disposition, and a mailbox entered anew would file all of
    them once more.
    """
    account_id = account.id
    # A look that is under way is waited for outside of a transaction: it needs the database to come to an end.
    db.session.commit()
    with undisturbed(account_id):
        account = held_against_mail(account_id)
        brought_nothing = what_depends_on(account).messages == 0
        if brought_nothing:
            db.session.delete(account)
        else:
            retire(account)
        db.session.commit()
    return brought_nothing


def held_against_mail(account_id: int) -> MailAccount:
    """The mailbox as it is now, locked against what a pipe brings, or a look that was not waited for.

    A message that came between our counting and our deleting would go with the mailbox. Raises NoResultFound when
    somebody else has deleted it meanwhile.
    """
    lock_row(MailAccount, account_id)
    held = db.select(MailAccount).where(MailAccount.id == account_id).with_for_update()
    account: MailAccount = db.session.scalars(held.execution_options(populate_existing=True)).one()
    return account


def retire(account: MailAccount) -> None:
    """Switch a mailbox off and forget its credentials, also those of drafts and former versions. The caller commits."""
    account.parsing = False
    account.sealed_password, account.password_set_at = "", None
    account.auth, account.grant_id = "password", None
    account.failures, account.fault_stage, account.fault_cause, account.fault_words = 0, "", "", ""
    account.refused_since = account.next_poll_at = None
    account.revision += 1
    db.session.execute(db.delete(SettingsVersion).where(SettingsVersion.account_id == account.id))
    db.session.execute(db.update(ExpectedMail).where(ExpectedMail.account_id == account.id).values(active=False))


def is_retired(account: MailAccount) -> bool:
    """Whether the mailbox was removed, and only its record is left."""
    has_credentials = account.sealed_password or account.grant_id is not None
    return not account.parsing and not has_credentials
