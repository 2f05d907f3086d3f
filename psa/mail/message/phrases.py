"""The words by which mail programs introduce quotes, headers of quoted mail and mobile signatures, in many
languages, as patterns.
"""

from __future__ import annotations

import re

# "wrote", as it stands in the line above a quote.
_WROTE = (
    r"wrote|writes|has written|schrieb|schreibt|geschrieben|a écrit|écrit|ecrit|a ecrit|escribió|escribio|ha escrito"
    r"|escreveu|escribiu|va escriure|ha scritto|scrive"
    r"|schreef|heeft geschreven|skrev|skreiv|har skrevet|har skrivit|kirjoitti|kirjutas|skrifaði|pisze"
    r"|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?"
    r"|je napisa[ol]?(?:/la|la|o/la|l/a|\(la\))?|napisao|napisal(?:/a|a)?|írta|ezt írta|a scris|scris|написал(?:\(а\)"
    r"|а)?|пишет|писал(?:\(а\)|а)?|пише|написав(?:\(ла\)|ла)?|написа"
    r"|έγραψε|yazdı|şunu yazdı|şunları yazdı|rakstīja|rašė|parašė|idatzi du|idatzi zuen|menulis|ditulis oleh|viết"
    r"|đã viết|เขียนว่า|เขียน"
    r"|写道|寫道|写到|さんは書きました|のメッセージ|wrote|작성|님이 작성|님이 쓴 글|썼습니다|כתב(?:/ה|ה)?"
    r"|كتب(?:ت)?|نوشت|ने लिखा|napisao/la|shkroi"
    r"|gnapisał"
)
WROTE = re.compile(rf"(?<!\w)(?:{_WROTE})(?!\w)|写道|寫道|작성|のメッセージ|さんは書きました|เขียน", re.I)
# A mark at the end of the line that closes an attribution.
_CLOSING_VERBS = frozenset(verb for verb in _WROTE.lower().split("|") if "(" not in verb and "?" not in verb)
# Gmail's old form names neither verb nor colon: "2016-03-03 17:21 GMT+01:00 Ann", "2013/7/20 Ann <ann@…>".
BARE_ATTRIBUTION = re.compile(
    r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:?\d\d\b"
    r"| .{0,80}<[^<>\s]+@[^<>\s]+>:?\s*\Z)"
)
# How attributions begin, for taking in the first lines of one that is broken over several.
ATTRIBUTION_START = re.compile(
    r"\W{0,4}(?:on|am|le|el|il|em|op|den|di|da|a|at|dne|dňa|w dniu|dnia|dana|la|în|az|în data|on the|в|на|el día"
    r"|el dia|no dia|em|den|tir|pe|på|d\.|via|vào|pada|tarihinde"
    r"|στις|ב|في|在|于|於|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mon(?:day)?|tues(?:day)?"
    r"|wednes(?:day)?|thurs(?:day)?|fri(?:day)?|satur(?:day)?|sun(?:day)?"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado"
    r"|domingo|pon|wt|śr|czw|pt|sob|ndz|niedz|man|tir|ons|tor|fre|lør|søn|lör|sön"
    r"|segunda|terça|quarta|quinta|sexta|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт"
    r"|ср|чт|пт|сб|вс|ma|ke|to|pe|la|su|ti|\d{1,4}|\d{4}(?=年|년))(?:(?!\w)|(?=年|년))",
    re.I,
)
HAS_DATE = re.compile(
    r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2}\s*[年月日時]|\d{1,2}\. ?\w{3,9}"
)
HAS_EMAIL = re.compile(r"[^\s<>@()\[\]]+@[^\s<>@()\[\]]+|<[^<>\s]+>|\[mailto:|\(mailto:", re.I)

# The labels of the header block that Outlook and others put above a quoted or forwarded mail.
_LABELS: dict[str, str] = {
    "from": r"from|von|de|da|van|från|fra|od|lähettäjä|feladó|от|от кого|від|від кого|από|kimden|gönderen|dari|từ"
    r"|no|nuo|saatja|von/from|发件人|寄件者|寄件人|差出人|보낸 사람|보낸사람|מאת|من|expéditeur"
    r"|de la|expeditor|odesílatel|odesilatel|odosielateľ|mittente|remitente|remetente|afsender|avsändare"
    r"|avsender|absender|nadawca|pošiljatelj|šalje|frá|送信元|発信人",
    "date": r"message du|message de|sent|date|gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|enviado"
    r"|enviado el|enviada em|enviado em|enviada|fecha|data|data invio|inviato|verzonden|verstuurd|skickat"
    r"|sendt|sendt den|dato|wysłano"
    r"|wysłane|data wysłania|odesláno|odoslané|dátum|elküldve|küldve|päivämäärä|lähetetty|дата|отправлено"
    r"|отправлен|дата отправки|надіслано|изпратено|ημερομηνία|στάλθηκε|tarih|gönderilme tarihi|gönderildi"
    r"|dikirim|tanggal|đã gửi|ngày"
    r"|trimis|poslano|poslato|datums|saadetud|kuupäev|išsiųsta|发送时间|发送日期|日期|傳送時間|寄件日期"
    r"|送信日時|日時|日付|보낸 날짜|날짜"
    r"|נשלח|תאריך|تاريخ|تاريخ الإرسال|التاريخ|dagsetning|sent at|sent on",
    "to": r"to|an|à|a|para|per|naar|aan|till|til|do|komu|pro|címzett|vastaanottaja|кому|до|для|προς|kime|alıcı"
    r"|kepada|đến|tới|către|za|kam|kellele|kam|收件人|收件者|宛先|받는 사람|받는사람|אל|إلى|til|destinataire"
    r"|destinatario|destinatário|empfänger|mottaker|mottagare|modtager|ontvanger|adresát|příjemce|prejemnik"
    r"|prima|送信先",
    "subject": r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|predmet|tárgy"
    r"|aihe|тема|θέμα|konu|subjek|perihal|chủ đề|tiêu đề|subiect|zadeva|naslov|temats|teema|tema"
    r"|主题|主旨|件名|제목|נושא|الموضوع|الموضوع|efni|sujet|re",
    "cc": r"cc|kopie|copie|copie à|kopia|kópia|kopio|másolat|másolatot kap|копия|копія|kopi|cópia|copia|con copia"
    r"|κοιν|κοινοποίηση|bilgi|抄送|副本|参照|참조|עותק|نسخة|tembusan|bcc|cci|cco|dw|kopija|skrito",
    "other": "reply-to|antwort an|répondre à|responder a|rispondi a|importance|wichtigkeit|priorität|priority"
    "|attachments|attachment|anlagen|anlage|anhänge|pièces jointes|pj|adjuntos|datos adjuntos|allegati"
    "|anexos|bijlagen|bijlage"
    r"|bilagor|vedlegg|vedhæftede filer|organization|organisation|message-id|liitteet|załączniki|přílohy"
    r"|вложения|sensitivity|vertraulichkeit|importancia|附件|添付ファイル|x-mailer|user-agent|newsgroups",
}
_KIND_OF = {word: kind for kind, words in _LABELS.items() for word in words.split("|")}
_DECORATION = " \t\u00a0\u200e\u200f*_>|"

_ORIGINAL = (
    r"original message|oprindelig besked|oprindelig mail|opprinnelig melding|original-nachricht"
    r"|ursprüngliche nachricht|ursprungliche nachricht|original e-?mail|message d'origine|message original"
    r"|mensaje original|mensagem original|messaggio originale"
    r"|oorspronkelijk bericht|oorspronkelijke bericht|originalmeddelande|ursprungligt meddelande"
    r"|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość"
    r"|původní zpráva|pôvodná správa|eredeti üzenet|исходное сообщение|оригинальное сообщение|початкове повідомлення"
    r"|αρχικό μήνυμα|orijinal mesaj|özgün ileti|mesaj original|izvirno sporočilo|izvorna poruka"
    r"|pesan asli|thư gốc|原始邮件|原始郵件|原邮件|元のメッセージ|원본 메시지|원본 메일|הודעה מקורית"
    r"|الرسالة الأصلية|missatge original"
    r"|originalbericht|reply message|antwort-nachricht|reply separator|original appointment"
    r"|ursprünglicher termin|ursprüngliche mail|ursprüngliche e-mail|mail original|courriel d'origine|上のメッセージ"
)
_FORWARDED = (
    r"forwarded message|forwarded by|forwarded mail|begin forwarded message|weitergeleitete nachricht"
    r"|weitergeleitete e-?mail|anfang der weitergeleiteten (?:nachricht|e-?mail)|message transféré|message transmis"
    r"|début du message (?:transféré|réexpédié)"
    r"|mensaje reenviado|inicio del mensaje reenviado|mensagem encaminhada|mensagem reencaminhada"
    r"|início da mensagem (?:encaminhada|reenviada|reencaminhada)|messaggio inoltrato|inizio messaggio inoltrato"
    r"|inizio del messaggio inoltrato"
    r"|doorgestuurd bericht|begin doorgestuurd bericht|vidarebefordrat meddelande|vidarebefordrat brev"
    r"|videresendt (?:meddelelse|besked|melding)|begynn(?:er|else på) videresendt melding|start på videresendt besked"
    r"|start på videresendt e-mail|vidarebefordrat mejl"
    r"|välitetty viesti|välitetty viesti alkaa|przekazana wiadomość|wiadomość przekazana(?: dalej)?"
    r"|początek przekazanej wiadomości|přeposlaná zpráva|začátek přeposlané zprávy|preposlaná správa"
    r"|továbbított (?:üzenet|levél)|továbbított levél kezdete"
    r"|пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|начало переадресованного сообщения"
    r"|переслане повідомлення|початок листа, що пересилається|препратено съобщение|προωθημένο μήνυμα"
    r"|yönlendirilen ileti|iletilen mesaj|iletilmiş ileti|başlangıç iletilmiş mesaj|mesaj redirecționat"
    r"|mesaj redirectionat|posredovano sporočilo|proslijeđena poruka|pesan terusan|tin nhắn đã chuyển tiếp"
    r"|thư được chuyển tiếp"
    r"|转发的邮件|轉寄郵件|轉寄的郵件|轉寄信件|转发邮件|転送メッセージ|転送されたメッセージ|전달된 메시지"
    r"|전달 메시지|הודעה שהועברה|رسالة معاد توجيهها|الرسالة المحولة"
    r"|missatge reenviat|начало на препратеното съобщение"
)
_ORIGINAL_WORDS = re.compile(rf"(?:{_ORIGINAL})\s*:?\Z", re.I)
_FORWARDED_WORDS = re.compile(rf"(?:{_FORWARDED})(?!\w)", re.I)
_RULE_SIGNS = " \t>*_=~#.+-–—"
RULE_LINE = re.compile(r"\s*(?:_{4,}|-{4,}|={4,}|\*{5,}|~{5,})\s*\Z")
# The line that our own notifications carry, and that of other systems: what stands below is ours.
MARKER_LINE = re.compile(
    r"\W{0,20}(?:please |bitte |merci de |)?(?:reply|type your reply|respond|write your reply|write"
    r"|answer)(?: to this email)? (?:above|before) this line|\W{0,20}(?:bitte )?(?:oberhalb|über) dieser (?:linie"
    r"|zeile) antworten"
    r"|\W{0,20}répondre au-dessus de cette ligne|\W{0,20}(?:responda|responder"
    r"|escriba su respuesta) (?:por )?(?:encima|arriba) de esta línea|\W{0,20}rispondi sopra (?:a )?questa (?:riga"
    r"|linea)"
    r"|\W{0,20}responda acima desta linha|\W{0,20}(?:antwoord|reageer) boven deze (?:lijn|regel)"
    r"|\W{0,20}svara ovanför denna (?:rad|linje)|\W{0,20}svar over denne linjen?",
    re.I,
)

_SENT_FROM = re.compile(
    r"\W{0,6}(?:(?:sent|written|typed) (?:from|via|with|using|by) (?:my |the |a |an )?\S|from my (?:iphone|ipad|phone"
    r"|mobile|android|samsung)|(?:get|download) outlook for|get \[outlook|sent from outlook|someone from mobile|ᐧ\Z"
    r"|sent from outlook|download .{0,40} for (?:ios|android)|von meinem .{1,60} gesendet|gesendet (?:von|mit"
    r"|über) \S|diese nachricht wurde von meinem"
    r"|envoyé (?:depuis|de|à partir de) (?:mon|ma|l['’]|outlook|yahoo|mon)|télécharger outlook|obtenez outlook"
    r"|enviado (?:desde|do|de|a partir do|pelo) (?:mi|meu|el|o|yahoo|outlook|correo|samsung|iphone|android)"
    r"|obtener outlook|obter o outlook"
    r"|inviato d(?:a|al|alla) (?:mio |mia )?\S|scarica outlook|ottieni outlook|verzonden (?:vanaf|met|via|vanuit) \S"
    r"|outlook (?:voor|für|pour|para|per|for|till|til|dla|для) (?:ios|android|iphone)|skickat från (?:min )?\S"
    r"|hämta outlook"
    r"|sendt fra (?:min )?\S|hent outlook|få outlook|lähetetty \S+(?:sta|stä|lta|ltä)\b|hanki outlook"
    r"|wysłane? z(?:e)? (?:\S+ )?\S|pobierz outlook|odesláno z \S|odoslané z \S|získat outlook|elküldve \S"
    r"|az én \S+ küldve|отправлено (?:с|из|от) \S"
    r"|надіслано (?:з|від) \S|изпратено от \S|στάλθηκε από|αποστολή από|\S+(?:'dan|'den|'tan|'ten|dan|den) gönderildi"
    r"|trimis de pe|poslano (?:iz|z|s|sa) (?:moj|moje|mog)|dikirim dari|được gửi từ|gửi từ \S|从我的|從我的"
    r"|发自我的|傳送自|发送自"
    r"|寄自我的"
    r"|iphoneから送信|\S+から送信|나의 \S+에서 보냄|내 \S+에서 보냄|נשלח מה|أرسل من|أُرسلت من|saadetud minu|nosūtīts no"
    r"|išsiųsta iš|enviat des)",
    re.I,
)
_GOES_ON = re.compile(
    r",\s+(?:is|and|but|so|which|because|where|it|i|we|the|und|aber|et|mais|y|pero)\b"
    r"|[?!]\s*\Z",
    re.I,
)
FOOTER_RULE = re.compile(r"\s*_{5,}\s*\Z")
SIGNATURE_LINE = re.compile(r"\s*(?:--|__|—|––?|- -)\s*\Z")
_BROKEN_END = re.compile(r"\s*>\s*(?::|(?:wrote|schrieb|a écrit)\s*:)\s*\Z")
_QUOTED = re.compile(r"\s{0,3}(?:[A-Z]{0,3}>|\|\s|\|\Z|&gt;)")


def is_quoted(line: str) -> bool:
    """A line marked as quoted: ">", "|" or initials, as "AB>". The ">:" left over from a wrapped "<ann@…>:" is none."""
    return _QUOTED.match(line) is not None and _BROKEN_END.match(line) is None


def closes_attribution(line: str) -> bool:
    """Does the line end as an introduction ends: with a colon, or with the verb alone?"""
    tail = line[-80:].rstrip("\t *_>-")
    if tail.endswith((":", "：")):
        return True
    words = tail[-40:].lower().split(" ")
    return (
        words[-1] in _CLOSING_VERBS
        or " ".join(words[-2:]) in _CLOSING_VERBS
        or line[:1].isdigit()
        and BARE_ATTRIBUTION.match(line) is not None
    )


def is_prose(line: str) -> bool:
    """A line that can be nothing but text: spares the closer looks."""
    return (
        len(line) > 60
        and line[0].isalpha()
        and ":" not in line
        and "：" not in line
        and not closes_attribution(line)
        and "line" not in line
        and "linea" not in line
    )


def is_sent_from(line: str) -> bool:
    """ "Sent from my iPhone" and its kin; a sentence that goes on is none."""
    line = line.strip()
    return len(line) < 110 and _SENT_FROM.match(line) is not None and not _GOES_ON.search(line)


def is_original_line(line: str) -> bool:
    """ "-----Original Message-----" and its kin."""
    core = line.strip(_RULE_SIGNS)
    return 3 < len(core) < 60 and _ORIGINAL_WORDS.match(core) is not None


def is_forwarded_line(line: str) -> bool:
    """ "---------- Forwarded message ---------" and its kin, also with a name or date behind the words."""
    core = line.strip(_RULE_SIGNS)
    return (
        3 < len(core) < 200
        and _FORWARDED_WORDS.match(core) is not None
        and (line[:1] in "-_*=>~# \t" or core.endswith((":", "：")) or len(core) < 45)
    )


def label_of(line: str) -> tuple[str, str] | None:
    """("subject", "Printer") for "Betreff: Printer": which header of a quoted mail a line is, and its value; None
    for other lines.
    """
    head, colon, value = line[:1000].partition(":") if ":" in line[:60] else line[:1000].partition("：")
    if not colon or len(head) > 60:
        return None
    kind = _KIND_OF.get(head.strip(_DECORATION).lower())
    return (kind, value.strip(_DECORATION)) if kind else None
