"""Who really wrote, for whom it was, and to which conversation it belongs."""

from __future__ import annotations

from psa.mail.message import Address, parse
from tests.mail.message.reading import read

MIA = Address("Mia Berg", "mia@harbour.example")


def headed(*lines: str):
    return parse("\n".join([*lines, "", "Words"]).encode())


def test_a_person_who_writes_directly_stands_for_nobody():
    email = read("plain_request.eml")
    assert (email.stand_ins, email.original_sender) == ((), None)


def test_a_list_that_rewrites_from_tells_who_wrote():
    email = read("list_with_rewritten_from.eml")
    assert email.sender == Address("'Mia Berg' via Support", "support@northwind.example")
    assert email.original_sender == MIA
    assert [(s.header, s.reason) for s in email.stand_ins] == [("X-Original-From", "list")]


def test_a_google_group_names_the_writer_in_a_header_of_its_own_only():
    email = headed(
        "From: \"'Mia Berg' via Support\" <support@northwind.example>",
        "X-Original-Sender: mia@harbour.example",
    )
    assert email.original_sender == MIA


def test_mailman_hides_the_writer_in_reply_to_beside_the_list():
    email = headed(
        "From: Mia Berg via Users <users@list.example>",
        "Reply-To: Users <users@list.example>, Mia Berg <mia@harbour.example>",
        "List-Id: <users.list.example>",
        "List-Post: <mailto:users@list.example>",
    )
    assert email.original_sender == MIA


def test_a_list_that_encodes_the_writer_in_its_own_address_is_understood():
    email = headed(
        'From: "Mia Berg via groups.example" <mia=harbour.example@groups.example>',
        "List-Post: <mailto:dev@groups.example>",
    )
    assert email.original_sender == MIA


def test_a_list_that_leaves_from_alone_stands_for_nobody():
    email = headed(
        "From: Mia Berg <mia@harbour.example>",
        "Reply-To: users@list.example",
        "List-Post: <mailto:users@list.example>",
    )
    assert email.stand_ins == ()


def test_a_web_form_names_its_visitor_in_reply_to():
    email = read("web_form_from_no_reply.eml")
    assert email.sender == Address("Northwind website", "no-reply@northwind.example")
    assert email.original_sender == Address("Otto Falk", "otto@quarry.example")


def test_a_form_that_writes_to_itself_names_its_visitor_too():
    email = headed("From: info@quarry.example", "To: info@quarry.example", "Reply-To: Mia Berg <mia@harbour.example>")
    assert email.original_sender == MIA


def test_a_newsletter_with_a_reply_address_stands_for_nobody():
    email = headed(
        "From: News <no-reply@shop.example>",
        "Reply-To: service@shop.example",
        "List-Unsubscribe: <mailto:off@shop.example>",
    )
    assert email.original_sender is None


def test_an_address_in_the_name_is_told_but_believed_no_more():
    email = headed('From: "mia@harbour.example" <scanner@copier.example>', "To: support@northwind.example")
    assert [s.address.email for s in email.stand_ins] == ["mia@harbour.example"]
    assert email.original_sender is None


def test_all_addresses_a_mail_was_for_are_found():
    email = read("outlook_conversation.eml")
    assert email.delivered_to == ("support@northwind.example", "desk@northwind.example")
    assert email.recipients == ("support@northwind.example", "desk@northwind.example", "otto@quarry.example")


def test_folded_and_comma_separated_ids_are_found():
    email = read("outlook_conversation.eml")
    folded = "first-half-of-a-long-id-that-a-gateway-has-folded@northwind.example"
    assert email.in_reply_to == (folded,)
    assert email.references == ("one@northwind.example", "two@northwind.example", folded)


def test_of_endless_references_the_newest_are_kept():
    ids = [f"{number:06}@northwind.example" for number in range(8_000)]
    email = headed("From: a@b.example", "References: " + " ".join(f"<{one}>" for one in ids))
    assert len(email.references) > 3_000
    assert email.references == tuple(ids[-len(email.references) :])
    assert any("References" in sentence for sentence in email.defects)


def test_the_id_from_before_a_relay_is_known():
    assert read("outlook_conversation.eml").former_ids == ("invoice-8@mail.harbour.example",)


def test_outlooks_conversation_is_the_same_for_a_mail_and_its_answers():
    answer = read("outlook_conversation.eml")
    first = headed("From: a@b.example", "Thread-Index: AdcGR4oHZ2XQk0ZtQ7ipvDbIm8FYAg==")
    assert first.thread_index == answer.thread_index
    assert answer.thread_index is not None and len(answer.thread_index) == 44
    assert answer.thread_topic == "[Billing] Invoice 7"
    assert headed("From: a@b.example", "Thread-Index: too short").thread_index is None


def test_the_numbers_of_another_help_desk_are_told_apart_by_its_domain():
    email = read("other_help_desk.eml")
    assert email.foreign_numbers == (
        "vendor.example rt-ticket: vendor.example #4711",
        "vendor.example x-case-number: C-0815",
    )
