"""When in doubt more is shown: what only looks like a quote or a signature stays where it is."""

from __future__ import annotations

import pytest

from psa.mail.message.quoting.reply import fold

STORIES = [
    "On the other hand I wrote:\n\nwe should not.",
    "Hi,\n\nOn Monday 2 March 2026 I wrote:\n\nthat the printer is broken. Nobody came.",
    "Hallo,\n\nam 02.03.2026 um 17:40 schrieb ich Ihnen:\n\nder Drucker geht nicht.",
    "We met on 3 May 2026 at 14:00 and agreed on the following:\n\n- new cables\n- a new switch",
    "The meeting is on 3 May 2026 at 14:00. Participants: ann@harbour.example, mia@quarry.example:\n\nPlease come.",
    "My colleague wrote to me that on 3 May 2026 the line was down. Can you check?",
    "Yesterday at 17:40 the system wrote:\n\nERROR 17\n\nWhat does it mean?",
    "Um 17:40 schrieb das System ins Protokoll:\n\nFEHLER 17\n\nWas heißt das?",
    "Le client a écrit :\n\nje veux annuler.\n\nQue faire ?",
    "2026年3月2日 17:40 に次のエラーが発生しました：\n\nディスクがいっぱいです",
    "02.03.2026 17:40 Uhr:\n\nDer Drucker stand still.\n\n03.03.2026 09:10 Uhr:\n\nEr lief wieder.",
]
FORMS = [
    "From: what I saw, it burns.\nTo: be sure, look yourself.",
    "Trip:\n\nFrom: Berlin\nTo: Munich\nDate: 3 May 2026\n\nPlease book.",
    "Von: 01.05.2026\nAn: 05.05.2026\nBetreff: Urlaub\n\nBitte genehmigen.",
    "Wann: 02.03.2026 10:00\nVon: Raum 3\nAn: Raum 5\nBetreff: Umzug der Drucker\n\nGeht das?",
    "Date: 2026-03-02\nFrom: 10:00\nTo: 12:00\nSubject: Maintenance\n\nIs this window still valid?",
    "Name: Ann Berg\nEmail: ann@harbour.example\nDate: 3 May 2026\nMessage: It burns.\n\nThanks",
    "Invoice 2026-03-02\nFrom: Harbour Ltd\nTo: Quarry AG\nTotal: 300\n\nIs this paid?",
]
MACHINES = [
    "Here is the log:\n\n> 2026-03-02 17:40:00 ERROR disk full\n> 2026-03-02 17:40:01 ERROR giving up\n\nWhat now?",
    "Output of diff:\n\n3c3\n< old line\n---\n> new line\n\nDoes this help?",
    "1,2c1,2\n< a\n< b\n---\n> c\n> d\n\nAbove is the change.",
    "C:\\> dir\nC:\\> exit\n\nThat is all I see.",
    "| Name | Phone |\n|------|-------|\n| Ann  | 123   |\n\nPlease add her.",
    "+------+-------+\n| Name | Phone |\n+------+-------+\n| Ann  | 123   |\n+------+-------+\n\nPlease add her.",
    "Name            Phone\n--------------------------\nAnn             123\nMia             456\n\nThanks",
    ">seq1\nACGTACGT\n>seq2\nTTGACA\n\nPlease store these sequences.",
    "```\nOn Mon, Mar 2, 2026 at 5:40 PM Ann <ann@harbour.example> wrote:\n> foo\n-- \nAnn\n```\n\nThat breaks it.",
    "Python says:\n\n>>> import mail\n>>> mail.send()\nTraceback\n\nWhy?",
]
ENDS = [
    "Option A:\n--\nWe replace the whole printer and keep the paper, which is the cheaper way.\n\nOption B:\n--\n"
    "We repair it, which takes longer but keeps the old parts in the house.",
    "Two ways:\n\n-- first the new switch\n-- then the cables\n\nTell me.",
    "Sent from my desk, which is much easier than a phone.\n\nMia",
    "The mail was sent from my iPhone yesterday and did not arrive.\n\nMia",
    "Please look again.\n\nSent by the supplier",
    "Hello\n\n________________________________\n\nThis line above comes from my editor.\n\nMia",
    "Thanks!\n\nMia\n\nPS: please also look at the second printer.",
    "Please contact our new colleague:\n\nOtto Steen\nTel: 0123 456789\notto@quarry.example\n\nThanks\nMia",
    "Attention: this is urgent, the server is down.\n\nMia",
    'This message appears when I open the program: "confidential information". What does it mean?',
    "The unsubscribe link in your newsletter is broken.\n\nMia",
]


@pytest.mark.parametrize("text", [*STORIES, *FORMS, *MACHINES, *ENDS])
@pytest.mark.parametrize("is_answer", [True, False])
def test_it_is_all_shown(text, is_answer):
    folded = fold(text, is_answer=is_answer)
    assert (folded.quoted, folded.signature) == ("", "")


def test_what_is_pasted_into_a_new_letter_with_marks_is_shown():
    text = "We got this, what is it?\n\n> Your account is full.\n> Click here."
    assert fold(text, is_answer=False).quoted == ""
    assert fold(text, is_answer=True).reply == "We got this, what is it?"
