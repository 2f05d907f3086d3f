"""Which language a text is in: by its script and its small words, and None where nobody could be sure."""

from __future__ import annotations

import pytest

from psa.mail.message.languages import code_of, language_of

LETTERS = {
    "en": "The printer on the second floor has stopped again. Could you please have a look at it before noon?",
    "de": "Der Drucker im zweiten Stock ist wieder stehen geblieben. Könnten Sie bitte bis Mittag danach sehen?",
    "fr": "L'imprimante du deuxième étage est encore en panne. Pourriez-vous y jeter un œil avant "
    "midi, s'il vous plaît ?",
    "es": "La impresora del segundo piso se ha parado otra vez. ¿Podrían mirarla antes del mediodía, por favor?",
    "pt": "A impressora do segundo andar parou outra vez. Vocês poderiam dar uma olhada nela antes "
    "do meio-dia? Obrigado.",
    "it": "La stampante del secondo piano si è fermata di nuovo. Potreste darle un'occhiata prima di "
    "mezzogiorno? Grazie.",
    "ca": "La impressora del segon pis s'ha tornat a aturar. Podríeu fer-hi una ullada abans del "
    "migdia? Moltes gràcies.",
    "ro": "Imprimanta de la etajul al doilea s-a oprit din nou. Puteți să vă uitați la ea până la prânz, vă rog?",
    "nl": "De printer op de tweede verdieping staat weer stil. Kunnen jullie er voor de middag naar "
    "kijken, alsjeblieft?",
    "sv": "Skrivaren på andra våningen har stannat igen. Kan ni vara snälla och titta på den innan lunch?",
    "da": "Printeren på anden sal er gået i stå igen. Kan I ikke kigge på den inden middag? Tak for "
    "hjælpen. Venlig hilsen",
    "no": "Skriveren i andre etasje har stoppet igjen. Kan dere se på den før lunsj? Takk for hjelpen. Vennlig hilsen",
    "fi": "Toisen kerroksen tulostin on taas pysähtynyt. Voitteko katsoa sitä ennen puoltapäivää? Kiitos jo etukäteen.",
    "et": "Teise korruse printer on jälle seisma jäänud. Kas te saate seda enne lõunat vaadata? "
    "Palun andke teada. Tänan!",
    "lv": "Otrā stāva printeris atkal ir apstājies. Vai jūs varētu to apskatīt līdz pusdienlaikam? "
    "Paldies jau iepriekš.",
    "lt": "Antro aukšto spausdintuvas vėl sustojo. Ar galėtumėte jį patikrinti iki vidurdienio? Ačiū "
    "už pagalbą, laba diena.",
    "pl": "Drukarka na drugim piętrze znowu się zatrzymała. Czy możecie proszę zajrzeć do niej przed południem?",
    "cs": "Tiskárna ve druhém patře se zase zastavila. Můžete se na ni prosím podívat ještě před polednem?",
    "sk": "Tlačiareň na druhom poschodí sa opäť zastavila. Môžete sa na ňu prosím pozrieť ešte pred obedom?",
    "sl": "Tiskalnik v drugem nadstropju se je spet ustavil. Ali ga lahko prosim pogledate še pred poldnevom?",
    "hr": "Pisač na drugom katu opet je stao. Možete li ga, molim vas, pogledati prije podneva? Hvala i lijep pozdrav.",
    "hu": "A második emeleti nyomtató megint leállt. Kérem, nézzék meg, ha lehet, még dél előtt. Köszönöm szépen!",
    "tr": "İkinci kattaki yazıcı yine durdu. Öğleden önce ona bir bakabilir misiniz, lütfen? Şimdiden çok teşekkürler.",
    "id": "Pencetak di lantai dua berhenti lagi. Mohon bisa diperiksa sebelum tengah hari ini? "
    "Terima kasih untuk bantuannya.",
    "vi": "Máy in ở tầng hai lại dừng rồi. Anh chị có thể xem giúp tôi trước buổi trưa được không? Xin cảm ơn.",
    "ru": "Принтер на втором этаже снова остановился. Пожалуйста, посмотрите его до обеда, если это возможно. Спасибо!",
    "uk": "Принтер на другому поверсі знову зупинився. Будь ласка, подивіться його до обіду, якщо це можливо. Дякую!",
    "be": "Прынтар на другім паверсе зноў спыніўся. Калі ласка, паглядзіце яго да абеду, калі гэта магчыма. Дзякуй!",
    "bg": "Принтерът на втория етаж отново спря. Моля, погледнете го преди обяд, ако е възможно. Благодаря за помощта!",
    "sr": "Штампач на другом спрату је опет стао. Молим вас да га погледате пре подне, ако је то могуће. Хвала!",
    "mk": "Печатачот на вториот кат повторно застана. Ве молам погледнете го пред пладне, ако е можно. Благодарам!",
    "el": "Ο εκτυπωτής στον δεύτερο όροφο σταμάτησε πάλι. Μπορείτε να τον δείτε πριν το μεσημέρι, παρακαλώ;",
    "he": "המדפסת בקומה השנייה נעצרה שוב. תוכלו בבקשה להסתכל עליה לפני הצהריים? תודה רבה.",
    "ar": "توقفت الطابعة في الطابق الثاني مرة أخرى. هل يمكنكم فحصها قبل الظهر من فضلكم؟ شكرا على المساعدة.",
    "fa": "چاپگر طبقه دوم دوباره از کار افتاده است. لطفا می‌توانید آن را تا ظهر بررسی کنید؟ با تشکر از شما.",
    "ur": "دوسری منزل کا پرنٹر پھر سے رک گیا ہے۔ براہ کرم کیا آپ اس کو دوپہر سے پہلے دیکھ سکتے ہیں؟ شکریہ۔",
    "hi": "दूसरी मंज़िल का प्रिंटर फिर से रुक गया है। कृपया क्या आप इसे दोपहर से पहले देख सकते हैं? धन्यवाद।",
    "th": "เครื่องพิมพ์ที่ชั้นสองหยุดทำงานอีกแล้ว ช่วยดูให้หน่อยก่อนเที่ยงได้ไหมครับ ขอบคุณครับ",
    "ka": "მეორე სართულის პრინტერი ისევ გაჩერდა. გთხოვთ, შუადღემდე ნახოთ. დიდი მადლობა.",
    "hy": "Երկրորդ հարկի տպիչը կրկին կանգ է առել։ Խնդրում եմ նայեք մինչև կեսօր։ Շնորհակալություն։",
    "ko": "이 층 프린터가 또 멈췄습니다. 오전 중에 한번 봐 주시겠어요? 감사합니다. 잘 부탁드립니다.",
    "ja": "二階のプリンターがまた止まりました。お昼までに見ていただけますか。よろしくお願いいたします。",
    "zh": "二楼的打印机又停了。请你们在中午之前来看一下好吗？谢谢大家的帮助，麻烦了。",
}


@pytest.mark.parametrize("language", LETTERS)
def test_a_short_letter_is_known_by_its_language(language):
    assert language_of(LETTERS[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "Danke",
        "12345 67890 4711",
        "https://client.example/path/of/a/page dana@harbor-dental.example",
        "Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore",
        "ERR_CONN_RESET at 0x7f; stack overflow kernel panic segfault coredump",
        "Dana Whitfield Harbor Dental Brighton",
        "привет",
    ],
)
def test_what_says_too_little_is_in_no_language(text):
    assert language_of(text) is None


def test_half_of_each_is_in_neither():
    """Firms that write everything twice are answered by a person."""
    assert language_of(LETTERS["en"] + "\n\n" + LETTERS["ru"] + " " + LETTERS["el"]) is None


def test_a_quoted_address_or_a_log_changes_nothing():
    assert language_of(LETTERS["de"] + "\n2026-11-23T10:00:00 the_service/is_not.running with@for.you") == "de"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("German", "de"),
        ("german ", "de"),
        ("de-AT", "de"),
        ("nb", "no"),
        ("pt_BR", "pt"),
        ("Klingon", None),
        ("", None),
    ],
)
def test_a_language_is_named_by_its_name_or_its_tag(said, code):
    assert code_of(said) == code
