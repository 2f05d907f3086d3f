"""What a rule does to a message: where it goes, who gets it, whether it is filed, answered or passed on."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.fuse.models import FuseLimits
from psa.mail.inbound.process import convert, process, process_again
from psa.mail.inbound.receive import receive_piped
from psa.mail.inbound.routing import Desk
from psa.mail.models import OutboundEmail
from psa.rules import operations
from psa.rules.models import Rule, RuleHit
from psa.rules.wording import Asked, RefusedRule, Wording
from tests.factories import make_account
from tests.mailroom import letter

TAG = [Asked("subject_tag", "Sales")]


@pytest.fixture
def rule(cast):
    """Makes a rule as an administrator does."""

    def make(targets=(), values=(), conditions=TAG, **more) -> Rule:
        made = operations.make_rule(
            Wording(more.pop("name", "Sales"), conditions, targets, values, **more), cast.mara.id
        )
        db.session.commit()
        return made

    return make


def sales(**more):
    return letter(subject="[Sales] Forty seats", **more)


def step(inbound, name: str) -> dict:
    return next((one for one in inbound.trace if one["step"] == name), {})


def test_a_rule_gives_the_ticket_to_somebody_and_sets_its_priority(rule, cast, mailroom):
    rule([("assignee", cast.tom.id), ("queue", cast.billing.id)], [("priority", "urgent")])
    inbound = mailroom.receive(sales())
    assert (inbound.ticket.assignee_id, inbound.ticket.priority) == (cast.tom.id, "urgent")
    assert inbound.ticket.queue_id == cast.billing.id
    assert step(inbound, "Assignee") == {"step": "Assignee", "verdict": "Tom Okafor", "detail": "by rule Sales"}


def test_an_assignee_who_has_left_is_named_in_the_trace_and_the_message_is_filed(rule, cast, mailroom):
    rule([("assignee", cast.tom.id)])
    cast.tom.active = False
    db.session.commit()
    inbound = mailroom.receive(sales())
    assert inbound.ticket.assignee_id is None
    assert step(inbound, "Assignee")["verdict"] == "Gone"


def test_a_rule_holds_a_message_and_a_person_can_still_convert_it(rule, mailroom):
    rule(values=[("hold", "look twice")])
    inbound = mailroom.receive(sales())
    assert (inbound.status, inbound.reason) == ("held", "Rule “Sales” holds it: look twice")
    convert(inbound.id)
    db.session.refresh(inbound)
    assert inbound.status == "filed"


def test_a_rule_ignores_a_message_with_its_reason(rule, mailroom):
    rule(values=[("ignore", "newsletter")])
    inbound = mailroom.receive(sales())
    assert (inbound.status, inbound.reason) == ("ignored", "Rule “Sales” ignores it: newsletter")
    assert inbound.ticket is None


def test_a_second_copy_of_what_a_rule_ignores_says_so(rule, mailroom):
    rule(values=[("ignore", "newsletter")])
    raw = sales().as_bytes()
    first, second = mailroom.receive(raw), mailroom.receive(raw)
    assert second.reason == f"It is the same mail as one that is ignored: {first.reason}"


def test_a_rule_switches_the_auto_reply_on_and_off(rule, cast, mailroom):
    on = rule(values=[("answer", "on")])
    assert mailroom.receive(sales()).status == "filed"
    assert [email.purpose for email in mailroom.outbox] == ["opened"]
    operations.delete_rule(on, None)
    cast.inbound.acknowledge = True
    rule(values=[("answer", "off")])
    inbound = mailroom.receive(sales())
    assert len(mailroom.outbox) == 1
    assert step(inbound, "Answer")["detail"] == "rule Sales wants no auto-reply"


def test_a_message_is_forwarded_once_as_a_file_and_nothing_can_answer_it(rule, mailroom):
    rule(values=[("forward", "sales@elsewhere.example"), ("ignore", "not for us")])
    raw = sales(text="Two seats, please.").as_bytes()
    inbound = mailroom.receive(raw)
    (sent,) = mailroom.outbox
    message = mailroom.read(sent)
    assert (sent.recipients, sent.envelope_sender) == (["sales@elsewhere.example"], "")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Fwd: [Sales] Forty seats"
    assert "Two seats, please." in mailroom.text(sent)
    assert [part.get_content() for part in message.iter_attachments()] == [raw]
    process_again(inbound.id)
    assert len(mailroom.outbox) == 1


def test_a_rule_that_learns_to_forward_forwards_what_it_had_matched_before_once_to_each_address(rule, mailroom):
    made = rule(values=[("hold", "look twice")])
    inbound = mailroom.receive(sales())
    for address in ("sales@elsewhere.example", "sales@elsewhere.example", "boss@elsewhere.example"):
        made.actions = [{"set": "forward", "value": address}, {"set": "hold", "value": ""}]
        db.session.commit()
        process_again(inbound.id)
    assert [one.recipients for one in mailroom.outbox] == [["sales@elsewhere.example"], ["boss@elsewhere.example"]]
    process_again(inbound.id)
    db.session.refresh(inbound)
    assert step(inbound, "Forward")["detail"] == "it was forwarded to boss@elsewhere.example before"


def test_what_was_not_forwarded_at_first_can_be_later(rule, cast, mailroom):
    rule(values=[("forward", "sales@elsewhere.example"), ("hold", "")])
    db.session.delete(cast.outbound)
    db.session.commit()
    inbound = mailroom.receive(sales())
    assert step(inbound, "Forward")["detail"] == "no account sends mail yet"
    db.session.add(make_account("outbound", protocol="smtp", port=2525, is_default=True))
    db.session.commit()
    process_again(inbound.id)
    assert len(mailroom.outbox) == 1


def test_the_envelope_has_the_address_as_it_stands_in_the_header(rule, mailroom):
    rule(values=[("forward", "sales@büro.example")])
    mailroom.receive(sales())
    (sent,) = mailroom.outbox
    assert sent.recipients == ["sales@xn--bro-hoa.example"]
    assert mailroom.read(sent)["To"] == "sales@xn--bro-hoa.example"


def test_of_a_long_message_only_the_beginning_stands_beside_the_file(rule, mailroom):
    rule(values=[("forward", "sales@elsewhere.example")])
    raw = sales(text="Forty seats, please.\n" * 20_000).as_bytes()
    mailroom.receive(raw)
    (sent,) = mailroom.outbox
    assert len(mailroom.text(sent)) < 21_000
    assert mailroom.text(sent).count("…") == 1
    assert [part.get_content() for part in mailroom.read(sent).iter_attachments()] == [raw]


def test_what_another_of_our_systems_forwards_back_for_ever_is_stopped(rule, mailroom):
    db.session.add(FuseLimits(limits={"forwards": [2, 60]}))
    db.session.commit()
    rule(values=[("forward", "sales@elsewhere.example")])
    last = [mailroom.receive(sales()) for _ in range(3)][-1]
    assert len(mailroom.outbox) == 2
    assert step(last, "Forward")["detail"].startswith("sales@elsewhere.example had 2 automatic answers within an hour")
    assert last.status == "filed"


def test_a_rule_for_replies_moves_and_raises_the_ticket(rule, cast, mailroom):
    first = mailroom.receive(sales())
    rule([("queue", cast.billing.id)], [("priority", "high")], [Asked("body_words", "urgent")], scope="replies")
    answer = letter("It is urgent now.", subject="Re: [Sales] Forty seats", answers=f"<{first.message_id}>")
    second = mailroom.receive(answer)
    assert second.ticket_id == first.ticket_id
    ticket = mailroom.ticket(first.ticket_id)
    assert (ticket.queue_id, ticket.priority) == (cast.billing.id, "high")


def test_a_rule_for_new_tickets_leaves_replies_alone(rule, cast, mailroom):
    first = mailroom.receive(letter())
    rule([("queue", cast.billing.id)], conditions=[Asked("subject_words", "projector")])
    mailroom.receive(letter(subject="Re: Projector", answers=f"<{first.message_id}>"))
    assert mailroom.ticket(first.ticket_id).queue_id == cast.support.id


def test_a_rule_counts_each_message_once_however_often_it_is_dealt_with(rule, mailroom):
    made = rule(values=[("hold", "")])
    inbound = mailroom.receive(sales())
    process_again(inbound.id)
    hits = db.session.scalars(db.select(RuleHit)).all()
    assert [(hit.rule_id, hit.inbound_id) for hit in hits] == [(made.id, inbound.id)]


def test_a_rule_that_is_deleted_meanwhile_costs_no_message(rule, cast, mailroom):
    made = rule([("queue", cast.billing.id)])
    desk = Desk.of(cast.inbound)
    operations.delete_rule(made, None)
    db.session.commit()
    disposition = process(receive_piped(cast.inbound, sales().as_bytes()), desk=desk)
    assert disposition is not None
    assert disposition.status == "filed"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([("forward", "support@northwind.example")], "is a mailbox that is read here"),
        ([("forward", "nobody")], "is not an address"),
        ([("ignore", " ")], "Say why such mail is ignored"),
        ([("hold", "x" * 201)], "201 characters"),
        ([("priority", "extreme")], "cannot do that"),
        ([], "Say what the rule does"),
        ([("ignore", "spam"), ("hold", "")], "not both"),
        ([("forward", "a@elsewhere.example"), ("forward", "b@elsewhere.example")], "twice what to do: forward"),
    ],
)
def test_what_a_rule_cannot_do_is_refused_in_a_sentence(cast, values, sentence):
    with pytest.raises(RefusedRule, match=sentence):
        operations.make_rule(Wording("", TAG, (), values), cast.mara.id)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sender", "harbor-dental.example", "is not an address"),
        ("recipient", "northwind.example", "write @ and the domain"),
        ("subject_words", " , ", "commas between them"),
        ("subject_pattern", "(", "is not a regular expression"),
        ("body_pattern", "(a|aa)+$", "can take very long"),
        ("client", "Nobody Ltd", "There is no client called"),
        ("header", "Subject line", "is not the name of a header"),
        ("header_words", "X-Priority", "a colon and what it says"),
        ("header_pattern", "X-Priority: (", "is not a regular expression"),
        ("attachment_name", "*a*b*c*d*e*f*", "Write file names"),
        ("size", "large", "is not a size"),
        ("subject_words", "x" * 301, "301 characters"),
        ("moon", "full", "cannot ask for that"),
        ("sender_words", " ", "lacks its value"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(cast, field, value, sentence):
    with pytest.raises(RefusedRule, match=sentence):
        operations.make_rule(Wording("", [Asked(field, value)], [("queue", cast.support.id)]), cast.mara.id)


@pytest.mark.parametrize(("number", "each_group"), [(25, 25), (5, 1)])
def test_what_has_no_place_in_the_editor_is_refused(cast, number, each_group):
    asked = [Asked("subject_words", f"word {one}", one // each_group) for one in range(number)]
    with pytest.raises(RefusedRule, match="at most 24 conditions in 4 groups"):
        operations.make_rule(Wording("", asked, [("queue", cast.support.id)], groups=["any"] * 5), cast.mara.id)


def test_a_rule_for_replies_cannot_set_a_client(cast):
    with pytest.raises(RefusedRule, match="A reply stays"):
        operations.make_rule(Wording("", TAG, [("client", cast.vega.id)], scope="replies"), cast.mara.id)


def test_forwarded_mail_leaves_by_the_outbox_like_all_other(rule, mailroom):
    rule(values=[("forward", "sales@elsewhere.example")])
    mailroom.receive(sales())
    assert db.session.scalars(db.select(OutboundEmail.status)).all() == ["queued"]
