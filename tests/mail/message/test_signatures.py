"""What was written once for all letters is folded as signature: phones' lines, contact data, notices, footers."""

from __future__ import annotations

import pytest

from psa.mail.message.quoting.reply import fold
from psa.mail.message.quoting.signature import is_sent_from

PHONES = """
    Sent from my iPhone
    Sent from Outlook for iOS
    Get Outlook for Android<https://aka.ms/x>
    Sent with Proton Mail secure email.
    Sent from Mail for Windows
    Sent from my Galaxy
    Sent via BlackBerry from T-Mobile
    Please excuse typos, sent from my phone.
    Von meinem iPhone gesendet
    Gesendet mit der GMX iPhone App
    Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.
    Envoyé de mon iPhone
    Obtenir Outlook pour iOS
    Enviado desde mi iPhone
    Obter o Outlook para Android
    Enviado do meu iPhone
    Inviato da smartphone Samsung Galaxy.
    Scarica Outlook per iOS
    Verzonden vanaf mijn iPad
    Outlook voor iOS downloaden
    Skickat från min iPhone
    Sendt fra min iPhone
    Hent Outlook til iOS
    Lähetetty iPhonesta
    Wysłane z iPhone'a
    Pobierz aplikację Outlook dla systemu iOS
    Odesláno z mého iPhonu
    Odoslané z iPhonu
    iPhone-ról küldve
    Az iOS Outlook beszerzése
    Trimis de pe iPhone-ul meu
    Poslano s mojeg iPhonea
    Изпратено от моя iPhone
    Отправлено из мобильной Почты Mail.ru
    Надіслано з мого iPhone
    Στάλθηκε από το iPhone μου
    iPhone'umdan gönderildi
    Dikirim dari iPhone saya
    Gửi từ iPhone của tôi
    נשלח מה-iPhone שלי
    أُرسلت من الـ iPhone
    ส่งจาก iPhone ของฉัน
    发自我的 iPhone
    從我的 iPhone 傳送
    iPhoneから送信
    나의 iPhone에서 보냄
    Saadetud minu iPhone'ist
    Nosūtīts no mana iPhone
    Išsiųsta iš mano iPhone
    Enviat des del meu iPhone
    मेरे iPhone से भेजा गया
"""


@pytest.mark.parametrize("line", [line.strip() for line in PHONES.strip().splitlines()])
def test_phones_sign_in_all_languages(line):
    assert is_sent_from(line)
    folded = fold(f"It burns.\n\n{line}")
    assert (folded.reply, folded.signature) == ("It burns.", line)


def test_contact_data_below_a_closing_formula_is_folded_but_not_the_name():
    text = "It burns.\n\nKind regards,\nMia Holm\n\nQuarry Ltd\nTel: +49 30 1234567\nwww.quarry.example"
    folded = fold(text)
    assert folded.reply == "It burns.\n\nKind regards,\nMia Holm"
    assert folded.signature.startswith("Quarry Ltd")


@pytest.mark.parametrize("notice", [
    "This e-mail and any attachments are confidential and intended\nsolely for the addressee.",
    "Diese E-Mail enthält vertrauliche und rechtlich geschützte Informationen.",
    "Ce message est confidentiel et destiné exclusivement à ses destinataires.",
    "Este mensaje es confidencial y va dirigido únicamente a su destinatario.",
    "Это сообщение конфиденциально и предназначено только для адресата.",
    "Virenfrei. www.scanner.example",
    "You received this message because you are subscribed to the group.",
    "_______________________________________________\nprinters mailing list\nprinters@lists.example",
    "-=-=-=-=-=-=-=-=-=-=-=-\nGroups.io Links: You receive all messages sent to this group.",
])  # fmt: skip
def test_what_lawyers_scanners_and_lists_add_is_folded(notice):
    folded = fold(f"It burns.\n\nMia\n\n{notice}")
    assert (folded.reply, folded.signature) == ("It burns.\n\nMia", notice)


@pytest.mark.parametrize("banner", [
    "CAUTION: This email originated from outside of the organization.\nDo not click links.", "[EXTERNAL]",
    "ACHTUNG: Diese E-Mail kommt von extern.",
    "You don't often get email from mia@quarry.example. Learn why this is important",
])  # fmt: skip
def test_a_gateways_warning_above_the_letter_is_folded(banner):
    folded = fold(f"{banner}\n\nIt burns.\n\nMia")
    assert (folded.reply, folded.signature) == ("It burns.\n\nMia", banner)


def test_a_mail_that_is_only_a_signature_is_shown():
    assert fold("Sent from my iPhone").reply == "Sent from my iPhone"
    assert fold("CAUTION: external email").reply == "CAUTION: external email"


@pytest.mark.parametrize("card", [
    "Quarry Ltd | 12 Hill Road | Leeds\nT +44 113 496 0000 | www.quarry.example", "+44 113 496 0000",
    "Office Manager\nQuarry Ltd", "Sekretariat\n\nSteinbruch GmbH\nBergstraße 12\n20457 Hamburg\nTel.: 040 1234567",
])  # fmt: skip
@pytest.mark.parametrize(
    "closing", ["Kind regards,\nMia Holm", "Kind regards,\n\nMia Holm\n", "Kind regards, Mia Holm"]
)
def test_a_business_card_below_the_name_is_folded(closing, card):
    folded = fold(f"It burns.\n\n{closing}\n{card}")
    assert folded.reply == f"It burns.\n\n{closing.strip()}"
    assert folded.signature.split() == card.split()


@pytest.mark.parametrize("rest", [
    "PS: The other one, too.", "Please call me on +44 113 496 0000 when you come near\nthe office, the bell is broken.",
    "Our room is the second one.\nwww.quarry.example has a map.", "Office Manager\nPrinters and more",
])  # fmt: skip
def test_what_goes_on_below_the_name_is_shown(rest):
    text = f"It burns.\n\nKind regards,\nMia Holm\n{rest}"
    assert fold(text).reply == text
