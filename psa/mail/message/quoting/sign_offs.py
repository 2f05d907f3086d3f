"""The words below what a person wrote: how phones sign, how letters close, what lawyers, scanners, lists and gateways
add. Data only; each entry is a pattern for the beginning of a line, compared without regard to case.
"""

from __future__ import annotations

# "Sent from my iPhone" and its kin: the line must also name one of the THINGS below.
SENT_FROM: dict[str, str] = {
    "en": r"(?:(?:sent|written|typed|delivered|composed|posted|secured|sent securely|securely sent"
    r"|sent proudly) (?:from|via|with|using|by|on|through)\s\S|from my \S|(?:get|download|try) .{0,40}\S"
    r"|get it (?:for|on) (?:ios|android)|yahoo mail: search, organize, conquer)",
    "de": r"(?:von meinem .{1,60} (?:gesendet|verschickt)|gesendet (?:von|mit|über|aus|via) \S"
    r"|diese nachricht wurde (?:von|mit) \S|mit (?:der )?.{1,40} (?:gesendet|verschickt|versendet)\b"
    r"|verschickt (?:von|mit) \S|holen sie sich outlook|outlook für \S|von unterwegs (?:gesendet|geschrieben)"
    r"|gesendet mit der \S|von .{1,30} gesendet\W*\Z|versendet mit \S)",
    "fr": r"(?:envoyé (?:depuis|de|à partir de|à partir d['’]|avec|via|par) ?\S|télécharge[rz] outlook"
    r"|télécharge[rz] \S+ pour|obten(?:ez|ir) outlook|provenance : courrier pour windows|outlook pour \S"
    r"|envoyé de mon \S|message envoyé (?:depuis|de|avec) \S|écrit depuis \S)",
    "es": r"(?:enviado (?:desde|con|de|por|a través de|mediante|vía) (?:mi |el |la |un )?\S|obtener outlook"
    r"|obtén outlook|descargar? outlook|outlook para \S|mensaje enviado desde \S|enviado via \S)",
    "pt": r"(?:enviad[oa] (?:do|da|de|a partir d[oae]|pelo|pela|com|via|desde) (?:meu |minha |o |a )?\S"
    r"|obter o outlook|obtenha o outlook|baixe o outlook|outlook para \S|mensagem enviada (?:do|de|pelo) \S)",
    "it": r"(?:inviat[oa] (?:da|dal|dalla|dall['’]|con|tramite|via) ?(?:mio |mia |il )?\S|scarica outlook"
    r"|ottieni outlook|outlook per \S|messaggio inviato (?:da|dal) \S|spedito da \S|scritto da(?:l mio"
    r"|lla mia)? (?:iphone|ipad|smartphone|telefono|cellulare))",
    "nl": r"(?:verzonden (?:vanaf|met|via|vanuit|door|van|uit) \S|verstuurd (?:vanaf|met|via|vanuit|van) \S"
    r"|outlook (?:voor|downloaden) \S|download outlook|outlook ophalen|gestuurd vanaf \S)",
    "af": r"(?:gestuur vanaf \S|vanaf my \S+ gestuur)",
    "sv": r"(?:skickat (?:från|med|via|av) \S|hämta outlook|outlook för \S|sänt från \S|skickades från \S"
    r"|skickat ifrån \S)",
    "da": r"(?:sendt (?:fra|med|via|af) \S|hent outlook|få outlook|outlook til \S|afsendt fra \S)",
    "nb": r"(?:sendt (?:fra|med|via|frå) \S|last ned outlook|få outlook|outlook for \S|skaff deg outlook)",
    "is": r"(?:sent úr \S|sent frá \S)",
    "fi": r"(?:lähetetty \S+(?:sta|stä|lta|ltä|ni|lla|llä)\b|lähetetty .{1,40}(?:sta|stä|lta|ltä|lla|llä|ni)\W*\Z"
    r"|hanki outlook|outlook \S+lle\b|lataa outlook|lähettänyt \S)",
    "et": r"(?:saadetud (?:minu |nutitelefonist |seadmest )?\S|hankige outlook)",
    "lv": r"(?:nosūtīts no \S|sūtīts no \S|iegūt outlook)",
    "lt": r"(?:išsiųsta iš \S|siųsta iš \S|gauti outlook)",
    "pl": r"(?:wysłan[eoya]+ (?:z|ze|za pomocą|przez|przy użyciu|poprzez) \S|wysłano z \S"
    r"|pobierz (?:aplikację )?outlook|outlook dla \S|wiadomość wysłana (?:z|ze) \S|wyslane z \S"
    r"|pobierz program outlook)",
    "cs": r"(?:odesláno (?:z|ze|pomocí|přes|aplikací|z mobilního) ?\S|získat outlook|získejte outlook|outlook pro \S"
    r"|posláno (?:z|ze) \S|odeslano z \S)",
    "sk": r"(?:odoslané (?:z|zo|pomocou|cez) \S|získať outlook|outlook pre \S|poslané z \S|odoslane z \S)",
    "hu": r"(?:elküldve (?:a |az )?\S|az én \S+ küldve|.{1,40}(?:ról|ről|ból|ből|mról|mről) küldve\W*\Z|küldve (?:a "
    r"|az )?\S+(?:ról|ről|ból|ből)|(?:az )?\S* ?outlook beszerzése|androidos outlook|iphone-ról küldve)",
    "ro": r"(?:trimis (?:de pe|din|de la|prin|cu) \S|obțineți outlook|obțin outlook|outlook pentru \S)",
    "hr": r"(?:poslano (?:iz|s|sa|pomoću|putem|uz) \S|poslato (?:sa|iz|s|preko) \S|preuzmite outlook|nabavite outlook"
    r"|dohvati outlook)",
    "sl": r"(?:poslano (?:iz|z|s|prek) \S|pridobite outlook)",
    "sr": r"(?:послато (?:са|из|преко) \S)",
    "bg": r"(?:изпратено (?:от|чрез|с) \S|изтеглете outlook|вземете outlook)",
    "mk": r"(?:испратено (?:од|преку) \S)",
    "ru": r"(?:отправлено (?:с|со|из|от|через) \S|скачать outlook|получит[еь] outlook|загрузить outlook"
    r"|outlook для \S|отправлен[оа] с \S|послано с \S|с уважением, отправлено с \S|написано с \S"
    r"|написано с мобильного)",
    "uk": r"(?:надіслано (?:з|зі|із|від|через) \S|відправлено (?:з|зі|із) \S|отримати outlook|завантажити outlook"
    r"|outlook для \S)",
    "be": r"(?:адпраўлена з \S)",
    "el": r"(?:στάλθηκε (?:από|με|μέσω) \S|αποστολή από \S|εστάλη από \S|αποκτήστε το outlook|λήψη του outlook"
    r"|απεστάλη από \S)",
    "tr": r"(?:\S.{0,40}(?:['’]?(?:dan|den|tan|ten|mdan|mden)) gönderildi|.{1,30} (?:ile|üzerinden"
    r"|kullanılarak) gönderildi|outlook.{0,20} edinin|outlook'u edinin|(?:ios|android) için outlook"
    r"|iphone'umdan gönderildi)",
    "sq": r"(?:dërguar nga \S)",
    "ca": r"(?:enviat (?:des de|des del|amb|del) \S|obteniu outlook)",
    "eu": r"(?:nire \S+ bidalia|.{1,30}tik bidalia)",
    "gl": r"(?:enviado dende \S|enviado desde o meu \S)",
    "id": r"(?:dikirim (?:dari|melalui|menggunakan|lewat) \S|terkirim dari \S|dapatkan outlook)",
    "ms": r"(?:dihantar (?:dari|daripada|melalui) \S)",
    "tl": r"(?:ipinadala mula sa \S|mula sa aking \S)",
    "vi": r"(?:(?:đã )?(?:được )?gửi (?:từ|bằng|qua|bởi) \S|tải outlook|outlook cho \S)",
    "he": r"(?:נשלח (?:מ|מה|באמצעות|דרך) ?\S|השג את outlook|קבל את outlook)",
    "ar": r"(?:(?:تم الإرسال|أُ?رسلت?|مرسل|تم إرسالها?|مُرسل) (?:من|بواسطة|عبر) \S|الحصول على outlook|أرسلت من الـ? ?\S)",
    "fa": r"(?:ارسال شده (?:از|با|توسط) \S|فرستاده شده از \S)",
    "hi": r"(?:.{1,40} से भेजा गया|मेरे .{1,30} से भेजा)",
    "th": r"(?:ส่งจาก|รับ outlook|ส่งโดยใช้)",
    "zh": r"(?:发自我的|發自我的|从我的.{1,30}发送|從我的.{1,30}(?:傳送|發送|送出|寄出)|傳送自|传送自|发送自|發送自"
    r"|寄自|从我的|發送來自|来自我的.{1,20}|发自\s?\S|(?:取得|获取|下載|下载|獲取).{0,14}outlook|適用於"
    r"|使用.{1,20}(?:傳送|发送|發送)|用我的.{1,20}发送|以.{1,20}傳送)",
    "ja": r"(?:.{1,40}から送信|.{1,40}より送信|.{1,40}で送信|outlook for (?:ios|android) ?を入手|outlook ?を入手"
    r"|.{1,30}から送りました)",
    "ko": r"(?:(?:나의|내|저의|제) .{1,40}에서 (?:보냄|보낸|전송|발송)|.{1,40}에서 보(?:냄|낸 메일|냈습니다)"
    r"|outlook.{0,20}다운로드|.{1,30}용 outlook)",
}

# Of these, the languages that no line in plain Latin letters is written in.
IN_OTHER_LETTERS = frozenset("sr bg mk ru uk be el he ar fa hi th zh ja ko".split())

# What a mail is sent from: devices, programs, providers, and whose they are.
THINGS = (
    r"iphone|i-phone|ipad|ipod|ios\b|android|galaxy|samsung|huawei|honor\b|xiaomi|redmi|\bmi \d|pixel|oneplus|oppo"
    r"|\bvivo\b|nokia|motorola|\bmoto\b|sony|xperia|\bhtc\b|\blg\b|blackberry|windows|surface|\bmac\b|macbook|lumia"
    r"|alcatel|asus|lenovo|outlook|\bmail\b|\w*mail\b|yahoo|\baol\b|icloud|proton|tutanota|\btuta\b|zoho|\bspark\b"
    r"|superhuman|\bfront\b|missive|\bhey\b|newton|mailbird|\bnine\b|typeapp|boxer|k-9|postbox|mailbox|mailtrack"
    r"|tapatalk|thunderbird|mailspring|iphon\w*|mobile|phone|fone\b|cell\b|cellulare|celular|m[óo]vil|tablet|device"
    r"|dispositivo|appareil|apparaat|gerät|handy|mobil|telef\w*|téléphone|laite|puhelin|puhelim\w*|enhet|enhed"
    r"|smart\w+|urządzenia|komórki|zařízení|készülék\w*|telekom|gmx|web\.de|libero|orange|\bsfr\b|vodafone|t-mobile"
    r"|verizon|mail\.ru|яндекс|почт\w*|телефон\w*|устройств\w*|смартфон\w*|пошт\w*|correo|courrier|email|e-post"
    r"|e-mail|posta|poczt\w*|pošt\w*|sähköpost\w*|手机|手機|电话|メール|携帯|スマート|휴대|스마트폰|메일|小米|华为"
    r"|邮件|郵件|\b(?:my|meine[mrs]?|mon|ma|mi|meu|minha|mio|mia|mijn|min|mitt|moj\w*|mého|môjho|meo|mana|mano|minu"
    r"|моего|моей|мого|моя|saya|aking|meva|nire)\b|ό μου|שלי|الخاص بي|ของฉัน|của tôi|我的|나의|내 |私の|मेरे|unterwegs"
)
# The same without a thing.
SENT_SOMEHOW = (
    r"(?:please )?(?:excuse|pardon|forgive|ignore) (?:the |my |any )?(?:typos?|brevity|auto-?correct|spelling"
    r"|mistakes)|sent (?:on the (?:go|move|run|road)|in haste)\b|someone from mobile|typed (?:on|with) (?:a "
    r"|my )?(?:tiny|small|thumbs?)|(?:von unterwegs|mobil) (?:gesendet|geschrieben)\W*\Z|bitte (?:entschuldigen"
    r"|verzeihen) sie (?:die kürze|tippfehler|etwaige)|désolé pour (?:les fautes|la brièveté)"
)

# Formulas that close a letter. They end nothing by themselves: what follows must be a block of contact data.
CLOSINGS = (
    "regards|best regards|kind regards|warm regards|warmest regards|with regards|with kind regards|with best regards"
    "|many thanks|thanks|thank you|thanks and regards|thanks & regards|thanks in advance|best|best wishes|sincerely"
    "|yours sincerely|sincerely yours|cheers|yours faithfully|yours truly|respectfully|cordially|take care"
    "|kindest regards|rgds|brgds|br|kr|yours|all the best|with thanks|mit freundlichen grüßen"
    "|mit freundlichen grüssen|mit freundlichem gruß|mit freundlichem gruss|mit freundlichen gruessen"
    "|freundliche grüße|freundliche grüsse|viele grüße|viele grüsse|beste grüße|beste grüsse|liebe grüße|liebe grüsse"
    "|herzliche grüße|herzliche grüsse|mfg|vg|lg|gruß|gruss|grüße|grüsse|schöne grüße|schöne grüsse|mit besten grüßen"
    "|mit besten grüssen|freundlich grüßt|hochachtungsvoll|besten gruß|dankeschön|cordialement|bien cordialement"
    "|très cordialement|bien à vous|salutations|meilleures salutations|sincères salutations|amicalement"
    "|salutations distinguées|avec mes salutations distinguées|respectueusement|bonne journée|bonne réception|cdlt"
    "|cdt|merci d'avance|bien à toi|saludos|un saludo|saludos cordiales|un cordial saludo|cordialmente|atentamente"
    "|atte|muchas gracias|gracias|saludo cordial|un abrazo|atenciosamente|cumprimentos|com os melhores cumprimentos"
    "|melhores cumprimentos|abraços|att|obrigado|obrigada|cordiais saudações|grato|grata|cordiali saluti"
    "|distinti saluti|saluti|un saluto|grazie|cordialmente|un cordiale saluto|buona giornata|a presto"
    "|met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|groeten|groet"
    "|hartelijke groet|hartelijke groeten|mvg|med vänlig hälsning|med vänliga hälsningar|vänliga hälsningar"
    "|vänlig hälsning|hälsningar|mvh|med vennlig hilsen|med venlig hilsen|vennlig hilsen|venlig hilsen|hilsen"
    "|venlige hilsner|de bedste hilsner|bedste hilsner|hilsner|bästa hälsningar|beste hilsen|kærlig hilsen"
    "|ystävällisin terveisin|terveisin|t|yt|parhain terveisin|kiitos|lugupidamisega|tervitades|parimate soovidega"
    "|ar cieņu|pagarbiai|su pagarba|z poważaniem|pozdrawiam|pozdrawiam serdecznie|serdecznie pozdrawiam"
    "|z wyrazami szacunku|łączę wyrazy szacunku|z powazaniem|dziękuję|pozdrowienia|s pozdravem|s přátelským pozdravem"
    "|hezký den|pěkný den|s úctou|děkuji|s pozdravom|s priateľským pozdravom|s úctou|pekný deň|ďakujem|üdvözlettel"
    "|tisztelettel|köszönettel|szép napot|üdv|cu respect|cu stimă|o zi bună|cele bune|mulțumesc|cu drag|lijep pozdrav"
    "|srdačan pozdrav|s poštovanjem|pozdrav|lep pozdrav|s spoštovanjem|srdačno|поздрав|с уважение|поздрави|с поздрав"
    "|с почит|с уважением|с наилучшими пожеланиями|всего доброго|спасибо|з повагою|з найкращими побажаннями|дякую"
    "|με εκτίμηση|φιλικά|ευχαριστώ|saygılarımla|saygılar|iyi çalışmalar|teşekkürler|selamlar|sevgiler|hormat kami"
    "|salam|terima kasih|hormat saya|trân trọng|trân trọng kính chào|בברכה|בכבוד רב|תודה|مع تحيات|مع التحية|تحياتي"
    "|مع خالص التحية|وتفضلوا بقبول فائق الاحترام|此致|敬礼|祝好|谢谢|此致敬礼|谢谢！|順頌商祺|谨启"
    "|よろしくお願いします|よろしくお願いいたします|以上|宜しくお願い致します|敬具|감사합니다|안녕히 계세요"
)

# What stands before contact data in a signature.
CONTACT_LABELS = (
    r"(?:tel|tél|phone|fon|telefon|telefono|teléfono|téléphone|telefone|telefoon|tlf|puh|gsm|mob|mobil|mobile|cell"
    r"|handy|portable|móvil|celular|cellulare|cel|fax|direct|dw|durchwahl|office|main|desk|t|m|f|p|e|w|d|e-?mail|mail"
    r"|correo|courriel|web|www|website|site|internet|skype|linkedin|whatsapp|address|adresse|anschrift|ust-?id"
    r"|ust-?idnr|vat|p\.?iva|siret|nip|regon|krs|cif|nif|cnpj|kvk|iban|hrb|amtsgericht|registergericht"
    r"|geschäftsführer|geschäftsführung|sitz der gesellschaft|handelsregister|тел|моб|факс|телефон|电话|手机|传真"
    r"|邮箱|电子邮件|地址|電話|手機|携帯|住所|전화|휴대폰|주소|팩스|הטלפון|טלפון|נייד|هاتف|جوال|फ़ोन)\s?\.?\s?(?::|："
    r"|\.\s?\+|\s\+|\s\(?0)"
)
COMPANY_FORMS = (
    "gmbh|ag|kg|ohg|e.v|ug|inc|ltd|llc|llp|plc|corp|s.a.r.l|sarl|s.a.s|sas|s.r.l|srl|s.p.a|spa|s.l|s.l.u|slu|b.v|bv|n.v|nv"
    "|a/s|aps|ab|oy|oyj|asa|sp.z.o.o|z.o.o|o.o|s.a|s.r.o|a.s|kft|zrt|d.o.o|ооо|зао|оао|пао|тов|pty|pvt|ltda|株式会社|有限会社"
    "|有限公司|㈱|주식회사"
)

# What is added below a letter and meant for nobody.
DISCLAIMERS = (
    r"(?:this|the|the information (?:contained )?in this|the contents of this|information in this) (?:e-?mail"
    r"|email message|electronic message|message|communication|transmission|mail|information"
    r"|content)s?\b.{0,120}\b(?:confidential|privileged|intended (?:only |solely )?for|intended recipient|virus"
    r"|scanned|malware|legally|proprietary)|(?:confidentiality|privacy|legal|disclaimer|important|email|privileged"
    r"|security)(?: and \w+)? (?:notice|note|statement|disclaimer|information|warning)\b|disclaimer\s*:"
    r"|notice\s*: this|if you (?:are not|have received|received) (?:the intended|this)"
    r"|please consider the environment|before printing|think before you print|save (?:a tree|paper)|go green"
    r"|please don'?t print this|(?:p |🌳|🌱)?(?:please )?think of the environment|diese (?:e-?mail|nachricht|mail"
    r"|mitteilung)\b.{0,120}\b(?:vertraulich|rechtlich geschützt|bestimmt|viren|adressaten|empfänger)"
    r"|der inhalt dieser (?:e-?mail|nachricht)|bitte (?:denken|prüfen) sie\b.{0,40}\b(?:umwelt|ausdruck|drucken)"
    r"|hinweis(?:e)? (?:zum|zur) (?:datenschutz|vertraulichkeit)|vertraulichkeitshinweis|datenschutzhinweis"
    r"|informationen zum datenschutz|denken sie an die umwelt|dieses dokument ist vertraulich|(?:ce|le présent"
    r"|cet?te?) (?:message|courriel|mail|e-?mail|courrier)\b.{0,120}\b(?:confidentiel|destinataire|destiné|privilégi)"
    r"|avis de confidentialité|pensez à l'environnement|merci de penser à l'environnement|avant d'imprimer"
    r"|n'imprimez ce|(?:este|el presente) (?:mensaje|correo)\b.{0,120}\b(?:confidencial|destinatario|dirigid"
    r"|privilegiad)|aviso (?:legal|de confidencialidad|de privacidad)|antes de imprimir"
    r"|esta mensagem\b.{0,120}\b(?:confidencia|destinat)|aviso legal|aviso de confidencialidade"
    r"|pense no meio ambiente|(?:questo|il presente|le informazioni contenute in questo|la presente) (?:messaggio"
    r"|e-?mail|mail|comunicazione)\b.{0,120}\b(?:riservat|confidenzial|destinatari)|avviso di riservatezza"
    r"|informativa privacy|ai sensi del (?:d\.?lgs|regolamento|gdpr)|prima di stampare|(?:dit"
    r"|de informatie in dit) (?:e-?mailbericht|bericht|e-?mail|mail)\b.{0,120}\b(?:vertrouwelijk|bestemd)"
    r"|denk aan het milieu|(?:detta|denna|denne|dette) (?:e-?post|e-?mail|meddelande|melding|meddelelse|mail"
    r"|mejl)\S*\b.{0,120}\b(?:konfidentiel|fortrolig|sekretess|avsedd|beregnet)|tämä (?:viesti"
    r"|sähköposti)\b.{0,120}\b(?:luottamuks|tarkoitettu)|(?:ta|niniejsza|treść tej) (?:wiadomość|wiadomości"
    r"|korespondencja)\b.{0,120}\b(?:poufn|przeznaczon|adresat)|klauzula (?:poufności|informacyjna)|(?:tato"
    r"|tento) (?:zpráva|e-?mail|správa)\b.{0,120}\b(?:důvěrn|určen|dôvern)|ez az (?:e-?mail"
    r"|üzenet)\b.{0,120}\b(?:bizalmas|címzett)|(?:acest|prezentul) (?:mesaj|e-?mail)\b.{0,120}\b(?:confiden|destinat)"
    r"|(?:данное|это|настоящее) (?:сообщение|письмо|электронное сообщение)\b.{0,120}\b(?:конфиденц|предназнач)"
    r"|це повідомлення\b.{0,120}\b(?:конфіденц|призначен)|bu (?:e-?posta|mesaj|elektronik posta"
    r"|ileti)\b.{0,120}\b(?:gizli|kişiye özel|alıcı)|yasal uyarı|本(?:邮件|郵件|电子邮件|電子郵件|メール"
    r"|信件).{0,60}(?:机密|保密|機密|秘密|秘匿|專屬)|이 (?:메일|이메일|메시지).{0,60}(?:기밀|비밀)"
)
SCANNED = (
    r"(?:this (?:e-?mail|message|email) (?:has been|was|is) (?:scanned|checked|virus|certified|verified|protected"
    r"|swept)|checked by avg|scanned by|virus-?free\b|virenfrei|no virus(?:es)? (?:was |were )?found"
    r"|diese e-?mail wurde (?:von|auf)\b.{0,60}(?:viren|avast|geprüft)|keine viren gefunden|libre de virus"
    r"|l'absence de virus|sans virus|garanti sans virus|este (?:e-?mail|correo electrónico|email) (?:foi|ha sido"
    r"|fue) (?:escaneado|comprobado|verificado|analizado)|questa e-?mail è stata (?:controllata|esaminata)"
    r"|deze e-?mail is gecontroleerd|wolny od wirusów|ta wiadomość została sprawdzona|bez virů|проверено на"
    r"|без вирусов|вирусов нет|livre de vírus|vírusmentes|virusfri|_+ (?:information from|informationen von"
    r"|información de|informations? d[e']) ?eset|the message was checked by eset|spam detection"
    r"|powered by mailscanner|internal virus database|mailscanner has)"
)
LIST_FOOTERS = (
    r"(?:you received this (?:message|e-?mail|email) because|you are receiving this (?:e-?mail|email|message) because"
    r"|to unsubscribe|unsubscribe\b|to view this discussion|to post to this group|for more options, visit"
    r"|visit this group at|groups\.io links|yahoo! groups links|reply to this (?:e-?mail|email|message) directly"
    r"|\S+ mailing list\b|to manage (?:your )?(?:subscription|notification)|manage (?:your )?(?:subscription"
    r"|preferences|notifications)|sie erhalten diese (?:e-?mail|nachricht|mail),? (?:weil|da)|um sich (?:von dieser"
    r"|aus dieser).{0,40}abzumelden|pour vous désabonner|vous recevez ce (?:message|courriel|mail)"
    r"|para cancelar (?:su|la|a) suscripci|per annullare l'iscrizione|чтобы отказаться от подписки|отписаться от"
    r"|view (?:it|this) (?:email|message)? ?(?:on|in) (?:your browser|github|gitlab|the web))"
)
# What a gateway puts above a letter that comes from outside.
BANNERS = (
    r"(?:caution|warning|external|attention|notice|alert|security (?:notice|warning)|\[?external(?: e-?mail"
    r"| sender)?\]?)\s*[:!\-–|\]]*\s*(?:this (?:e-?mail|email|message|mail) )?(?:was |is |has )?(?:originated|come"
    r"|came|sent|received|been sent)?\s?(?:from )?(?:an? )?(?:outside|external|e-?mail (?:is )?from outside)\b"
    r"|(?:caution|warning|external|attention|notice|alert)\W{1,4}(?:this|the) (?:e-?mail|message|sender"
    r"|mail)\b.{0,80}\b(?:outside|external|organi[sz]ation|network|recogni[sz]e)|(?:this|the) (?:e-?mail|message"
    r"|sender of this)\b.{0,60}\b(?:originated|came|was sent|is|comes) (?:from )?(?:outside|an external|external)"
    r"|\[?external(?: e-?mail| sender| message)?\]?\s*[:!]?\s*\Z|you don'?t often get e-?mail from"
    r"|some people who received this message don'?t often"
    r"|do not click (?:on )?(?:any )?links or (?:open )?attachments|(?:achtung|vorsicht|warnung"
    r"|hinweis)\W{1,4}.{0,40}\b(?:extern|externe[nrs]?|außerhalb)\b|diese (?:e-?mail|nachricht) (?:stammt|kommt"
    r"|wurde) von (?:außerhalb|extern|einem externen)|sie erhalten nicht (?:oft|häufig) e-?mails von"
    r"|externe e-?mail\W*\Z|\[?extern(?:e mail|e e-?mail)?\]\s*\Z|(?:attention|avertissement"
    r"|prudence)\W{1,4}.{0,40}\b(?:externe|extérieur)|ce (?:message|courriel|mail) (?:provient|vient) de l['’]ext"
    r"|vous ne recevez pas souvent d['’]e-?mails|(?:atenci[oó]n|precauci[oó]n|aviso|cuidado"
    r"|aten[cç][aã]o)\W{1,4}.{0,50}\b(?:extern[oa]|fuera|fora)\b|no suele recibir correos? electr[oó]nicos? de"
    r"|você não costuma receber emails de|(?:attenzione|avviso)\W{1,4}.{0,50}\bestern[oa]\b"
    r"|in genere non si ricevono messaggi|(?:let op|waarschuwing|pas op)\W{1,4}.{0,50}\b(?:extern|buiten)"
    r"|u ontvangt niet vaak e-?mail van|(?:uwaga|ostrzeżenie)\W{1,4}.{0,50}\b(?:zewn|spoza)"
    r"|nie otrzymujesz często wiadomości|(?:внимание|осторожно)\W{1,4}.{0,50}\bвнешн|(?:注意|警告)\W{0,4}.{0,30}外部"
)
