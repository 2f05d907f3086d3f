"""What happens to a mailbox while we read it: through Dovecot, with somebody in between who changes what is said."""

from __future__ import annotations

import threading

from imapclient import IMAPClient

from psa.mail import settings
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.journal import Journal
from tests.lab import certificates
from tests.lab.fault import LOOKS_LATER, LOOKS_SOON, NOTED, Faults
from tests.lab.laboratory import IMPATIENT, PASSWORD, USER, Laboratory
from tests.lab.wire import imap, pop3
from tests.servers.proxy import DROP, DROP_AFTER, HANG

FAULTS = Faults("The mailbox")
BOTH = "imap pop3"


def person(lab: Laboratory) -> IMAPClient:
    """Somebody with a mail program in the same mailbox."""
    client = lab.stack.enter_context(IMAPClient("127.0.0.1", lab.dovecot.imap, ssl=False))
    client.login(USER, PASSWORD)
    return client


def opened(lab: Laboratory) -> ImapMailbox:
    """The connection that the next look uses, open already."""
    lab.mailbox = ImapMailbox(settings.of_account(lab.account), Journal())
    lab.stack.callback(lab.mailbox.close)
    return lab.mailbox


@FAULTS.add(
    "L66",
    "imap",
    "The folder does not exist",
    "SELECT of a folder that is not there",
    cause="folder_not_found",
    stage="select",
    then=LOOKS_SOON,
)
def no_such_folder(lab: Laboratory) -> None:
    lab.read_folders("Nope")
    lab.menders.append(lambda: lab.read_folders("INBOX"))


@FAULTS.add(
    "L66",
    "imap",
    "The folder is in another namespace",
    "`INBOX/Work` where the separator is a dot",
    cause="folder_not_found",
    stage="select",
    then=LOOKS_SOON,
)
def wrong_separator(lab: Laboratory) -> None:
    lab.read_folders("INBOX/Work")
    lab.menders.append(lambda: lab.read_folders("INBOX"))


@FAULTS.add("L66", "imap", "A folder’s name has blanks, quotes and umlauts", "such a folder is read beside the first")
def odd_name(lab: Laboratory) -> None:
    name = 'Gesendete "Büro" Objekte'
    client = person(lab)
    client.create_folder(name)
    lab.read_folders("INBOX", name)


@FAULTS.add("L67", "imap", "Mail is to be moved to a folder that is not there", "it is made once, and used")
def move_to_missing(lab: Laboratory) -> None:
    lab.after_filing("move", "Dealt with")


@FAULTS.add(
    "L68",
    "imap",
    "The mailbox is over its quota",
    "`NO [OVERQUOTA]` to the copy that moving makes",
    cause="mailbox_full",
    then=NOTED,
)
def over_quota(lab: Laboratory) -> None:
    lab.after_filing("move", "Dealt with")
    between = lab.meddle()
    between.answers["UID MOVE"] = between.answers["UID COPY"] = (
        "{tag} NO [OVERQUOTA] Quota exceeded (mailbox for user is full)"
    )


@FAULTS.add(
    "L69",
    "imap",
    "The disk under the mailbox is full",
    "Dovecot’s words for it, which do not say so",
    cause="server_temporary",
    then=LOOKS_SOON,
)
def disk_full(lab: Laboratory) -> None:
    words = "NO [SERVERBUG] Internal error occurred. Refer to server log for more information. [2026-11-23 09:00:00]"
    lab.meddle().answers["SELECT"] = f"{{tag}} {words}"


@FAULTS.add(
    "L70",
    "imap",
    "The folder may only be read",
    "an ACL `lr`, and mail is to be marked as read",
    cause="permission_missing",
    stage="settle",
    then=NOTED,
)
def read_only(lab: Laboratory) -> None:
    lab.after_filing("seen")
    lab.dovecot.allow_only(USER, "lr")
    lab.menders.append(lambda: lab.dovecot.allow_only(USER, "lrwstipekxa"))


@FAULTS.add(
    "L71",
    "imap",
    "Too many connections of this user",
    "`NO [UNAVAILABLE] Maximum number of connections` at login",
    cause="too_many_connections",
    stage="auth",
    then=LOOKS_LATER,
)
def too_many(lab: Laboratory) -> None:
    lab.meddle().answers["LOGIN"] = (
        "{tag} NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=2)"
    )


@FAULTS.add(
    "L71",
    "pop3",
    "Too many connections of this user",
    "`-ERR [IN-USE] Maximum number of connections` at login",
    cause="too_many_connections",
    stage="auth",
    then=LOOKS_LATER,
)
def too_many_drops(lab: Laboratory) -> None:
    lab.meddle().answers["PASS"] = (
        "-ERR [SYS/PERM] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=2)"
    )


@FAULTS.add(
    "L72",
    "pop3",
    "The maildrop is locked by another session",
    "`-ERR [IN-USE]` to the password",
    cause="mailbox_locked",
    stage="auth",
    then=LOOKS_SOON,
)
def locked(lab: Laboratory) -> None:
    lab.meddle().answers["PASS"] = "-ERR [IN-USE] Couldn't sync mailbox: mailbox is locked by another POP3 session"


@FAULTS.add(
    "L72",
    "pop3",
    "The maildrop is locked, and the server waits longer than we do",
    "no answer to the password",
    cause="server_timeout mailbox_locked",
    stage="auth",
    then=LOOKS_SOON,
)
def locked_for_long(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.meddle().answers["PASS"] = HANG


@FAULTS.add(
    "L73", "imap", "The folder gets new numbers", "another UIDVALIDITY between two looks; nothing is filed twice"
)
def renumbered(lab: Laboratory) -> None:
    assert lab.look().kept == 2
    lab.dovecot.renumber(USER)


@FAULTS.add(
    "L74",
    "imap",
    "The folder is deleted while we have it open",
    "somebody else deletes it, and then we look",
    cause="folder_not_found mailbox_changed connection_dropped",
    then=LOOKS_SOON,
)
def folder_deleted(lab: Laboratory) -> None:
    client = person(lab)
    client.create_folder("Orders")
    lab.read_folders("Orders")
    opened(lab)
    client.delete_folder("Orders")
    lab.menders.append(lambda: lab.read_folders("INBOX"))


@FAULTS.add("L75", "imap", "A message is deleted between listing and fetching", "somebody else expunges it just then")
def expunged(lab: Laboratory) -> None:
    fetch = ImapMailbox.fetch
    client = person(lab)
    client.select_folder("INBOX")

    def after_somebody_deleted(mailbox, listed, limit):
        lab.patch.setattr(ImapMailbox, "fetch", fetch)
        client.delete_messages([listed[0].key])
        client.expunge()
        return fetch(mailbox, listed, limit)

    lab.patch.setattr(ImapMailbox, "fetch", after_somebody_deleted)
    lab.expected = lab.expected[1:]


@FAULTS.add(
    "L75",
    "pop3",
    "The server says that a message is not there",
    "`-ERR No such message` to RETR",
    cause="mailbox_changed",
    then=LOOKS_SOON,
)
def no_such_message(lab: Laboratory) -> None:
    lab.meddle().answers["RETR"] = "-ERR No such message"


@FAULTS.add(
    "L76",
    BOTH,
    "The session is thrown out",
    "reset while we have the mailbox open",
    cause="connection_dropped server_temporary",
    then=LOOKS_SOON,
)
def thrown_out(lab: Laboratory) -> None:
    between = lab.meddle()
    between.answers["UID FETCH" if lab.protocol == "imap" else "RETR"] = DROP


@FAULTS.add(
    "L76",
    "imap",
    "The session is thrown out while we wait for news",
    "reset during IDLE",
    cause="connection_dropped",
    then=LOOKS_SOON,
)
def thrown_out_of_idle(lab: Laboratory) -> None:
    between = lab.meddle()
    mailbox = opened(lab)
    threading.Timer(0.2, between.kill).start()
    try:
        mailbox.wait(10)
    except OSError:
        pass


@FAULTS.add(
    "L77",
    BOTH,
    "The connection ends in the middle of a message",
    "cut after so many bytes",
    cause="connection_dropped",
    then=LOOKS_SOON,
)
def cut_within_a_message(lab: Laboratory) -> None:
    lab.proxy().faults.cut_after = within_a_large_letter(lab)


@FAULTS.add(
    "L79",
    BOTH,
    "The server falls silent in the middle of a message",
    "silent after so many bytes",
    cause="server_timeout",
    then=LOOKS_SOON,
)
def silent_within_a_message(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.proxy().faults.stall_after = within_a_large_letter(lab)


def within_a_large_letter(lab: Laboratory) -> int:
    """One more letter arrives; returns how many bytes the server has said when it is in the middle of it."""
    lab.arrive_also("The film", "One picture after the other.\n" * 5_000)
    return 20_000


@FAULTS.add(
    "L78",
    "imap",
    "The connection ends between fetching and marking",
    "closed at STORE, before the server hears of it",
    cause="connection_dropped",
    then=LOOKS_SOON,
)
def cut_at_store(lab: Laboratory) -> None:
    lab.after_filing("seen")
    lab.meddle().answers["UID STORE"] = DROP


@FAULTS.add(
    "L78",
    "imap",
    "The connection ends right after marking",
    "closed at STORE, when the server has done it",
    cause="connection_dropped",
    then=LOOKS_SOON,
)
def cut_after_store(lab: Laboratory) -> None:
    lab.after_filing("seen")
    lab.meddle().answers["UID STORE"] = DROP_AFTER


@FAULTS.add(
    "L80",
    "imap",
    "The provider slows us down",
    "Exchange’s words for throttling",
    cause="rate_limited server_temporary",
    then=LOOKS_LATER,
)
def throttled(lab: Laboratory) -> None:
    lab.meddle().answers["SELECT"] = (
        "{tag} NO [THROTTLED] Request is throttled. Suggested Backoff Time: 10000 milliseconds"
    )


@FAULTS.add(
    "L80",
    "imap",
    "The provider counts the bytes",
    "Gmail’s words for too much bandwidth",
    cause="rate_limited",
    then=LOOKS_LATER,
)
def bandwidth(lab: Laboratory) -> None:
    lab.meddle().answers["SELECT"] = "{tag} NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"


@FAULTS.add(
    "L80",
    "imap",
    "The provider counts the connections",
    "Gmail’s words for too many of them",
    cause="too_many_connections",
    stage="auth",
    then=LOOKS_LATER,
)
def simultaneous(lab: Laboratory) -> None:
    lab.meddle().answers["LOGIN"] = "{tag} NO [ALERT] Too many simultaneous connections. (Failure)"


@FAULTS.add(
    "L81",
    "imap",
    "The login is accepted, and then BYE",
    "`* BYE` in answer to SELECT",
    cause="connection_dropped server_temporary",
    stage="select",
    then=LOOKS_SOON,
)
def bye(lab: Laboratory) -> None:
    lab.meddle().answers["SELECT"] = "* BYE Server shutting down.\r\n"


@FAULTS.add("L82", "pop3", "A server without CAPA and UIDL", "`-ERR` to both: messages are told apart by their headers")
def without_uidl(lab: Laboratory) -> None:
    between = lab.meddle()
    between.answers["CAPA"] = between.answers["UIDL"] = "-ERR Unknown command"
    # The same server all the time: with another one the names would be others.
    lab.menders.append(lambda: lab.point(between.port, security="none"))


@FAULTS.add(
    "L82",
    "pop3",
    "A server without STLS, and TLS is wanted",
    "`-ERR` to STLS",
    cause="starttls_not_offered",
    stage="tls",
    then=LOOKS_SOON,
)
def without_stls(lab: Laboratory) -> None:
    between = lab.meddle()
    between.answers["CAPA"] = between.answers["STLS"] = "-ERR Unknown command"
    lab.point(between.port, security="starttls")


@FAULTS.add(
    "L83",
    "pop3",
    "The connection ends before QUIT",
    "closed at QUIT: deleted messages come back, and are known",
    cause="connection_dropped",
    then=LOOKS_SOON,
)
def cut_at_quit(lab: Laboratory) -> None:
    lab.after_filing("delete")
    lab.meddle().answers["QUIT"] = DROP


@FAULTS.add(
    "L84",
    "imap",
    "The server does not know a command",
    "`BAD` to SEARCH",
    cause="protocol_error",
    then=LOOKS_SOON,
)
def unknown_command(lab: Laboratory) -> None:
    lab.meddle().answers["SEARCH"] = "{tag} BAD Error in IMAP command UID SEARCH: Unknown argument (0.001 secs)."


@FAULTS.add(
    "L85",
    BOTH,
    "The clock of this machine is wrong",
    "seen from here: a certificate that is good from tomorrow on",
    cause="cert_expired",
    stage="tls",
    then=LOOKS_SOON,
)
def wrong_clock(lab: Laboratory) -> None:
    talk = imap() if lab.protocol == "imap" else pop3()
    lab.serve(talk, tls=certificates.good(lab.ca, days=(1, 30)))
