"""What the forms of all accounts have in common: a server, and how to sign in to it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any

from flask import request
from sqlalchemy import inspect
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, PasswordField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from psa import signing
from psa.mail import accounts, certificates, drafts, plausible
from psa.mail import settings as server
from psa.mail.autoconfig import Proposal
from psa.mail.certificates import Trusted
from psa.mail.forms.carried import carried, carry
from psa.mail.forms.fields import PortField, meant
from psa.mail.models import MailAccount, SettingsVersion
from psa.mail.oauth.sign_in_form import SignInForm, put, way_of
from psa.mail.removal import is_retired
from psa.mail.settings import SECURITIES, ServerSettings, SettingsError

SECURITY_CHOICES = [SelectChoice(value, label) for value, label in SECURITIES.items()]
OTHER_SERVER = "The stored password is sent only to the server it was entered for. Enter it again for this one."
IN_THE_CLEAR = "Without encryption everybody on the way can read the password. Enter it again if it may go like that."
# Providers that let nobody in by a password any more.
NO_PASSWORDS = frozenset({"microsoft"})
TYPED_LONG_AGO = "What was typed is kept for an hour. Enter it again."
ENTER_AGAIN = "The stored password cannot be opened any more. Enter it again."


class ServerForm(SignInForm):
    """What every account needs, whatever its direction. ``account`` is the one that is edited, None for a new one.

    Where settings wait to be tried (psa.mail.drafts), the form begins with them and not with the live ones.
    """

    # What the editor saw: whoever saved in the meantime must not be overwritten unseen.
    seen = HiddenField()
    # The server that was filled in for the address: as long as it stands there unchanged, another one may replace it.
    proposed = HiddenField()
    host = StringField("Server", [InputRequired("Which server?"), Length(max=253)])
    security = RadioField("Secure Connection", choices=SECURITY_CHOICES, default="starttls")
    port = PortField("Port")
    username = StringField("Username", [Length(max=320)])
    password = PasswordField("Password", [Length(max=1000)])
    ca_pem = TextAreaField("Own authority")

    def __init__(self, account: MailAccount | None = None) -> None:
        self.account = account
        self.draft = drafts.pending(account.id) if account is not None else None
        self.start_settings, self.password_state = begin_with(account, self.draft)
        super().__init__(data=self.stored() if account is not None else None)
        self.must_type_again = False
        self.take_carried(request.form.get("carried", ""))
        # The repair of a contradiction is a button of the form, so that it works without script too.
        repair = request.form.get("use_port", "")
        if repair.isdecimal():
            self.port.process(MultiDict([(self.port.name, repair)]))

    def stored(self) -> dict[str, Any]:
        """What the fields begin with, by their names."""
        assert self.account is not None
        columns = {column.key: getattr(self.account, column.key) for column in inspect(MailAccount).columns}
        values = columns | {"seen": drafts.mark(self.account)}
        begin: MailAccount | ServerSettings = self.account
        if self.draft is not None and self.start_settings is not None:
            begin = self.start_settings
            values |= {
                "protocol": begin.protocol,
                "host": begin.host,
                "port": begin.port,
                "security": begin.security,
                "username": begin.username,
                "ca_pem": begin.ca_pem,
                "grant_id": begin.grant_id,
            }
        return values | {"sign_in": way_of(begin.auth, begin.grant_id, begin.host)}

    def fill_with_stored(self) -> None:
        """Take the stored values for what was sent: without script a button outside the form sends nothing else."""
        stored = self.stored()
        for field in self:
            if field.name in stored:
                field.process_data(stored[field.name])
                field.raw_data = [str(field.data)]
                field.process_errors = []

    def take_carried(self, sealed: str) -> None:
        """Let the password stand that was typed before the form was shown again."""
        if not sealed or self.password.data:
            return
        password = carried(sealed)
        if password:
            put(self.password, password)
        else:
            self.must_type_again = True

    @property
    def carried(self) -> str:
        """The password that was typed, sealed for the form that is shown again; empty when none was."""
        if request.method != "POST" or not self.password.data:
            return ""
        return carry(self.password.data)

    @property
    @abstractmethod
    def protocol_value(self) -> str:
        """What the server speaks: smtp, imap or pop3."""

    @property
    def server_is_untouched(self) -> bool:
        """Whether nobody has entered a server."""
        return not (self.host.data or "").strip() or self.proposed.data == self.server_in_words

    @property
    def server_in_words(self) -> str:
        return f"{self.host.data} {self.port.data} {self.security.data}"

    def take(self, proposal: Proposal) -> None:
        """Fill in what was proposed; the user name only where there is none, or that of another proposal."""
        put(self.host, proposal.host)
        put(self.port, proposal.port)
        put(self.security, proposal.security)
        if not (self.username.data or "").strip() or self.proposed.data:
            put(self.username, proposal.username)
        if proposal.provider in NO_PASSWORDS and self.account is None and not self.password.data:
            put(self.sign_in, proposal.provider)
        put(self.proposed, self.server_in_words)

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else has saved since the form was shown."""
        return bool(self.account is not None and self.seen.data and self.seen.data != drafts.mark(self.account))

    def validate_host(self, field: Field) -> None:
        field.data = meant(plausible.host, field.data)

    def validate_port(self, field: Field) -> None:
        if field.data is not None and self.security.data in SECURITIES:
            meant(lambda number: plausible.port(self.protocol_value, number, self.security.data), field.data)

    def validate_ca_pem(self, field: Field) -> None:
        field.data = meant(certificates.tidied, field.data or "")

    @property
    def authorities(self) -> list[Trusted]:
        """What stands in the field, to be named below it."""
        try:
            return certificates.read(self.ca_pem.data or "")
        except SettingsError:
            return []

    def validate_password(self, field: Field) -> None:
        if field.data or not self.username.data or self.provider is not None:
            return
        if self.must_type_again:
            raise ValidationError(TYPED_LONG_AGO)
        if self.password_state == "broken":
            raise ValidationError(ENTER_AGAIN)
        # Whoever may change the settings must not learn the stored password by naming a server of their own.
        if self.password_state == "kept" and self.start_settings is not None:
            if self.host.data != self.start_settings.host:
                raise ValidationError(OTHER_SERVER)
            if self.security.data == "none" and self.start_settings.security != "none":
                raise ValidationError(IN_THE_CLEAR)

    def settings(self) -> ServerSettings:
        """What was entered. An empty password stays empty: for saving that means the stored one."""
        return ServerSettings(
            protocol=self.protocol_value,
            host=self.host.data,
            port=self.port.data or 0,
            security=self.security.data,
            username=(self.username.data or "").strip(),
            password=server.typed_password(self.password.data or ""),
            auth="oauth2" if self.provider is not None else "password",
            grant_id=self.grant.id if self.grant is not None else None,
            ca_pem=self.ca_pem.data or "",
        )

    def settings_to_test(self) -> ServerSettings:
        """What was entered, with the stored password where none was typed. Raises signing.SealBroken."""
        settings = self.settings()
        if settings.password or not settings.username or settings.auth == "oauth2" or self.password_state == "none":
            return settings
        if self.start_settings is None:
            raise signing.SealBroken
        return replace(settings, password=self.start_settings.password)

    def is_free(self, field: Field) -> bool:
        """Whether no other account has this address; says so at the field when one has."""
        other = accounts.find(self.direction, field.data)
        if other is None or other is self.account:
            return True
        if is_retired(other):
            way = "choose it in the list, enter its password and switch Email parsing on. It goes on where it stopped."
            field.errors = [f"{other.address} was removed, and what it brought was kept. To read it again, {way}"]
        else:
            field.errors = [f"{other.address} is entered already. Change it there."]
        return False


def begin_with(account: MailAccount | None, draft: SettingsVersion | None) -> tuple[ServerSettings | None, str]:
    """The settings that a form begins with, and how its password is: ``none``, ``kept``, or ``broken`` when no key of
    ours opens what is stored; the settings are None then.
    """
    if account is None:
        return None, "none"
    try:
        begin = server.unsealed(draft.sealed_settings) if draft is not None else server.of_account(account)
    except signing.SealBroken:
        return None, "broken"
    return begin, "kept" if begin.password else "none"
