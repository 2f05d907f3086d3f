"""A person's mail is told from what machines send, whatever either looks like."""

from __future__ import annotations

import pytest

from psa.mail.message import parse

FROM = "Mia Berg <mia@harbour.example>"
ANSWER = "In-Reply-To: <t-5@northwind.example>"
OUTLOOK = f"{ANSWER}\nThread-Topic: x\nThread-Index: AQH\nAccept-Language: de-DE\nX-MS-Has-Attach:"
LIST = "List-Id: <talk.harbour.example>\nList-Post: <mailto:talk@harbour.example>"


def kind_of(headers="", body="The printer is broken.", *, subject="Printer", sender=FROM, own=()):
    lines = (f"From: {sender}", "To: support@northwind.example", f"Subject: {subject}", headers)
    raw = "\n".join(filter(None, lines)) + f"\n\n{body}\n"
    automatic = parse(raw.encode(), own_domains=frozenset(own)).automatic
    return automatic.kind if automatic else None


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        # RFC 3834 and what is made of it
        ("Auto-Submitted: auto-replied", "auto-reply"),
        ('Auto-Submitted: (away) Auto-Replied; owner-email="mia@harbour.example"', "auto-reply"),
        ("Auto-Submitted: auto-generated (failure)", "auto-generated"),
        ("Auto-Submitted: auto-notified; owner=mia", "auto-generated"),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: no (sent by hand); x=1", None),
        # answering machines
        ("X-Autorespond: Printer", "auto-reply"),
        ("X-Auto-Reply-From: mia@harbour.example", "auto-reply"),
        ("X-Autoreply: no", None),
        ("Precedence: auto_reply", "auto-reply"),
        ("X-Delivery-Agent: TMDA/1.1", "auto-reply"),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "auto-reply"),
        # other machines
        ("Return-Path: <>", "auto-generated"),
        ("X-Cron-Env: <SHELL=/bin/sh>", "auto-generated"),
        ("X-FC-MachineGenerated: true", "auto-generated"),
        ("X-Auto-Response-Suppress: All", "auto-generated"),
        ("X-Auto-Response-Suppress: DR, RN, NRN", None),
        ("TLS-Report-Domain: northwind.example", "auto-generated"),
        # bulk mail
        ("Precedence: bulk", "bulk"),
        ("List-Unsubscribe: <https://news.example/u>", "bulk"),
        ("X-CSA-Complaints: csa@eco.example", "bulk"),
        ("Feedback-ID: 1:2:campaign:sender", "bulk"),
        ("List-Id: <news.example>\nX-MC-User: 1\nList-Unsubscribe: <https://news.example/u>", "bulk"),
        # people through lists and help desks
        (LIST, "list"),
        (f"{LIST}\nPrecedence: bulk", "list"),
        ("Mailing-List: contact talk-help@harbour.example; run by ezmlm\nPrecedence: bulk", "list"),
        ("List-Id: <app.git.example>\nList-Unsubscribe: <mailto:u@git.example>\nX-GitHub-Reason: mention", "list"),
        (f"{ANSWER}\nPrecedence: bulk\nRT-Ticket: harbour #12", "list"),
        ("X-Mailer: OTRS Mail Service", "list"),
        ("X-Trace: abc", None),
        # people's servers that use a service
        ("X-SES-Outgoing: 192.0.2.1\nFeedback-ID: 1.eu-west-1.x:AmazonSES", None),
        ("X-MS-Exchange-Inbox-Rules-Loop: office@harbour.example", None),
        ("X-Loop: mia@harbour.example", None),
    ],
)
def test_headers_tell_what_machines_send(headers, kind):
    assert kind_of(headers) == kind


def test_exchange_may_only_ask_not_to_be_answered():
    headers = f"{OUTLOOK}\nX-Auto-Response-Suppress: DR, OOF, AutoReply"
    assert kind_of(headers, subject="AW: Printer") is None
    email = parse(f"From: {FROM}\n{headers}\n\nhello\n".encode())
    assert email.answer_unwanted == "X-Auto-Response-Suppress: DR, OOF, AutoReply"


def test_a_list_of_our_own_only_spreads_what_people_write_to_us():
    headers = "List-Id: <support.northwind.example>\nPrecedence: list"
    assert kind_of(headers) == "list"
    assert kind_of(headers, own=["northwind.example"]) is None


@pytest.mark.parametrize(
    ("sender", "headers", "kind"),
    [
        ("no-reply@shop.example", "", "auto-generated"),
        ("Shop <orders-noreply@shop.example>", "", "auto-generated"),
        ("noreply+4711@shop.example", "", "auto-generated"),
        ("nicht-antworten@shop.example", "", "auto-generated"),
        ("ne-pas-repondre@shop.example", "", "auto-generated"),
        ("MAILER-DAEMON@shop.example", "", "auto-generated"),
        # a web form of ours or others: the person stands in Reply-To
        ("Web site <noreply@harbour.example>", "Reply-To: nils@quarry.example", None),
        ("noreply@shop.example", "Reply-To: service@shop.example", "auto-generated"),
        ("alerts@harbour.example", "", None),
        ("scanner@harbour.example", "", None),
    ],
)
def test_an_address_that_nobody_reads_is_a_machines(sender, headers, kind):
    assert kind_of(headers, sender=sender) == kind


SUBJECTS = """
Automatic reply: Printer
Out of Office AutoReply: Printer
Auto-Response from Harbour Ltd
Automatische Antwort: Printer
Abwesenheitsnotiz: Printer
Réponse automatique : Printer
Respuesta automática: Printer
Resposta automática: Printer
Risposta automatica: Printer
Automatisch antwoord: Printer
Autosvar: Printer
Automatisk svar: Printer
Automaattinen vastaus: Printer
Automatyczna odpowiedź: Printer
Automatická odpověď: Printer
Automatická odpoveď: Printer
Automatikus válasz: Printer
Răspuns automat: Printer
Samodejni odgovor: Printer
Автоматический ответ: Printer
Автоматична відповідь: Printer
Автоматичен отговор: Printer
Αυτόματη απάντηση: Printer
Otomatik Yanıt: Printer
מענה אוטומטי: Printer
رد تلقائي: Printer
自動応答: Printer
自动答复: Printer
自動回覆: Printer
자동 회신: Printer
Trả lời tự động: Printer
ตอบกลับอัตโนมัติ: Printer
"""


@pytest.mark.parametrize("subject", SUBJECTS.strip().splitlines())
def test_answering_machines_mark_the_subject_in_their_language(subject):
    assert kind_of(subject=subject) == "auto-reply"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: Out of office procedure", "Please send me the procedure."),
        ("Out of office procedure", "How do I set an out of office note?"),
        ("Automatic reply does not work", "My automatic reply is not sent any more."),
        ("Abwesenheitsnotiz einrichten", "Bitte richten Sie mir eine Abwesenheitsnotiz ein."),
        ("Vacation days are wrong", "The system says that I have no vacation left."),
        ("Vacation in June", "I will be away from 3 to 9 June."),
        ("Auto Müller: printer", "Our printer is broken."),
        ("Thank you for your help", "Everything works now."),
        ("We have received your request but no files", "Could you send them again?"),
        ("Re: Printer", "Thank you for your message. It works now, please close the ticket."),
        ("Re: Printer", "I am on vacation from Friday, so please have it done before."),
    ],
)
def test_people_use_the_same_words(subject, body):
    assert kind_of(ANSWER if subject.startswith("Re:") else "", body, subject=subject) is None


NOTICE = "I am out of the office until Monday. For urgent matters please contact Olga.\nThis is an automatic reply."


def test_a_person_may_quote_or_pass_on_an_automatic_reply():
    quoted = "\n".join(f"> {line}" for line in NOTICE.splitlines())
    body = f"Is anybody else there?\n\nOn Tue, 3 Mar 2026 Nils Berg wrote:\n{quoted}"
    assert kind_of(ANSWER, body, subject="Re: Automatic reply: Printer") is None
    head = "---------- Forwarded message ---------\nFrom: Nils <nils@quarry.example>\nSubject: Automatic reply: x"
    passed_on = f"Who helps us meanwhile?\n\n{head}\nTo: mia@harbour.example\n\n{NOTICE}"
    assert kind_of(body=passed_on, subject="Fwd: Automatic reply: Printer") is None


@pytest.mark.parametrize(
    ("headers", "subject", "body"),
    [
        # an answer whose words say twice that it is none
        (ANSWER, "Re: Printer", NOTICE),
        (ANSWER, "Re: Printer", "Ich bin bis zum 12.3. nicht im Büro. In dringenden Fällen wenden Sie sich an Olga."),
        (ANSWER, "Re: Printer", "Je suis en congés jusqu'au 12 mars. En cas d'urgence, merci d'appeler Olga."),
        (ANSWER, "Re: Printer", "Estoy fuera de la oficina. Para asuntos urgentes escriba a Olga."),
        (ANSWER, "Re: Printer", "Sono in ferie fino al 12 marzo. Per urgenze potete scrivere a Olga."),
        (ANSWER, "Re: Printer", "Ik ben momenteel niet aanwezig. Voor dringende vragen kunt u Olga mailen."),
        (ANSWER, "Re: Printer", "Jestem obecnie na urlopie. W pilnych sprawach proszę o kontakt z Olgą."),
        (ANSWER, "Re: Printer", "Я в отпуске до 12 марта. По срочным вопросам пишите Ольге."),
        (ANSWER, "Re: Printer", "3月5日まで休暇をいただいております。お急ぎの場合は加藤までご連絡ください。"),
        # words beside a header that is no proof alone
        ("Return-Path: <>", "Re: Printer", "I'm on annual leave until Monday."),
        (f"{ANSWER}\nPrecedence: bulk", "Re: Printer", "I am away until Monday."),
        (f"{ANSWER}\nPrecedence: junk", "Away from my mail", "I read it on Monday."),
        (f"{ANSWER}\nAuto-Submitted: auto-generated", "Printer", "I am out of the office until Monday."),
        ("Return-Path: <>", "Please confirm", "Reply to this mail to confirm that you are human."),
        # help desks that acknowledge without a header
        (ANSWER, "[#4711] Your request has been received", "This is an automated message, please do not reply."),
        ("", "Eingangsbestätigung", "Diese E-Mail wurde automatisch erstellt."),
        (
            "",
            "Nils Berg is out of the office",
            "I will be out of the office until Monday. Urgent matters: contact Olga.",
        ),
    ],
)
def test_two_weak_signs_are_a_strong_one(headers, subject, body):
    assert kind_of(headers, body, subject=subject) == "auto-reply"


def test_a_monitor_says_itself_that_it_is_one():
    body = "This is an automatically generated message, do not reply."
    assert kind_of(body=body, sender="alerts@monitor.example", subject="Disk full") == "auto-generated"


def invitation(method, words):
    return (
        "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=B",
        f"--B\nContent-Type: text/plain\n\n{words}\n--B\nContent-Type: text/calendar; method={method}\n\n"
        f"BEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR\n--B--",
    )


@pytest.mark.parametrize(
    ("method", "words", "kind"),
    [
        ("REPLY", "", "auto-reply"),
        ("REPLY", "Nils Berg has accepted this invitation.", "auto-reply"),
        ("REPLY", "Yes, but can we start at ten?", None),
        ("REQUEST", "", None),
    ],
)
def test_a_bare_answer_to_an_invitation_is_a_button_pressed(method, words, kind):
    assert kind_of(*invitation(method, words), subject="Accepted: kickoff") == kind


def test_a_read_receipt_is_an_automatic_reply():
    headers = "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B"
    body = "--B\nContent-Type: text/plain\n\nread\n--B\nContent-Type: message/disposition-notification\n\nx: y\n--B--"
    assert kind_of(headers, body, subject="Read: Printer") == "auto-reply"


def test_a_dmarc_report_is_automatic_and_no_complaint():
    subject = "Report Domain: northwind.example Submitter: bigmail.example Report-ID: <1>"
    assert kind_of(subject=subject, sender="dmarc@bigmail.example") == "auto-generated"
