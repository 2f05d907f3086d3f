"""The words by which mail programs introduce what they quote, language by language. Data only: what is made of it
stands in `wording.py`. A bar parts the forms; all are compared without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How one language introduces quoted mail.

    `wrote`: what stands in "On …, Ann <ann@…> wrote:"; `around`: the small words around date and name in that line.
    `sender`, `date`, `to`, `cc`, `subject`: the labels of the header block that Outlook and its kin put above quoted
    and forwarded mail. `original`, `forwarded`: what stands in "-----Original Message-----" and "---------- Forwarded
    message ---------".
    """

    wrote: str
    around: str
    sender: str
    date: str
    to: str
    subject: str
    cc: str = ""
    original: str = ""
    forwarded: str = ""


LANGUAGES: dict[str, Language] = {
    "en": Language(
        wrote="wrote|writes|has written|said|wrote the following",
        around="on|at|in|the|in article|in message|from|by|via|of|am|pm|noon|midnight|hours|time|standard|daylight"
        "|you|sender|your message|user|dated|to|a|an",
        sender="from|sender|originally from|author",
        date="date|sent|sent at|sent on|date sent|received|date/time|sent date",
        to="to|recipient|recipients|sent to",
        subject="subject|topic",
        cc="cc|bcc|copy|copies|copies to|cc to|blind copy",
        original="original message|original e-mail|original mail|reply message|reply separator|original appointment"
        "|original text|replied message|in reply to|quoted message|previous message|original meeting request",
        forwarded="forwarded message|forwarded by|forwarded mail|forwarded e-mail|forwarded letter|forwarded from"
        "|begin forwarded message|begin forwarded e-mail|start of forwarded message|original message forwarded"
        "|fwd message|forward message|forwarded message attached|message forwarded",
    ),
    "de": Language(
        wrote="schrieb|schrieben|schreibt|geschrieben|hat geschrieben|hat folgendes geschrieben|schrieb folgendes",
        around="am|um|den|der|das|uhr|von|hat|haben|folgendes|zum|vom|in|im|sie|du|im auftrag von|über",
        sender="von|absender|gesendet von",
        date="gesendet|gesendet am|datum|versendet|verschickt|empfangen|zeit|datum und zeit",
        to="an|empfänger|gesendet an",
        subject="betreff|thema|betr",
        cc="kopie|kopie an|kopie (cc)|blindkopie",
        original="original-nachricht|originalnachricht|originalmeldung|ursprüngliche nachricht"
        "|ursprungliche nachricht|ursprüngliche e-mail|ursprüngliche mail|original e-mail|original-mail|originalmail"
        "|ursprünglicher termin|antwort-nachricht|antwortnachricht|originaltext|originale nachricht"
        "|ursprüngliche mitteilung",
        forwarded="weitergeleitete nachricht|weitergeleitete e-mail|weitergeleitete mail|weitergeleitet von"
        "|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail"
        "|beginn der weitergeleiteten nachricht|weiterleitung|beginn der weitergeleiteten e-mail",
    ),
    "fr": Language(
        wrote="a écrit|a ecrit|écrit|écrivait|écrivit|avez écrit|as écrit|a envoyé|a répondu",
        around="le|la|à|a|de|du|h|par|vous|en|via|heures|date|un message|au|et",
        sender="de|expéditeur|expediteur|provenance|de la part de",
        date="envoyé|envoyé le|message du|date|date d'envoi|date d’envoi|envoye|envoyée|reçu|envoyé à",
        to="à|a|pour|destinataire|destinataires",
        subject="objet|sujet|obj",
        cc="copie|copie à|cci|copie cachée|cc",
        original="message d'origine|message d’origine|message original|courriel d'origine|courriel original"
        "|mail original|message initial|message de|message du|mail d'origine|e-mail d'origine|e-mail d’origine"
        "|message précédent|message source|rendez-vous d'origine",
        forwarded="message transféré|message transmis|message réexpédié|mail transféré|courriel transféré"
        "|début du message transféré|début du message réexpédié|e-mail transféré|début de l'e-mail transféré"
        "|message transferé|transféré par|message transfere|début du courriel transféré",
    ),
    "es": Language(
        wrote="escribió|escribio|ha escrito|escribe|escribía",
        around="el|la|las|los|a|de|del|día|dia|en|por|hora|hs|hrs|a.m|p.m|m|horas|lo siguiente|usted|para",
        sender="de|remitente|enviado por",
        date="enviado|enviado el|enviado a las|fecha|fecha de envío|enviada|enviado en|recibido",
        to="para|a|destinatario|destinatarios",
        subject="asunto|tema",
        cc="copia|con copia|cco|cc|copia oculta",
        original="mensaje original|correo original|mensaje de origen|cita original|e-mail original",
        forwarded="mensaje reenviado|correo reenviado|inicio del mensaje reenviado|e-mail reenviado|reenviado por"
        "|mensaje reenviado por|comienzo del mensaje reenviado|forwarded message|inicio de mensaje reenviado",
    ),
    "pt": Language(
        wrote="escreveu|escrevi|escreveram|escreve|escreveu o seguinte",
        around="em|no|na|dia|de|às|as|à(s)|à|a|ao|o|h|por|do|da|e|via|hora|seguinte",
        sender="de|remetente|enviado por",
        date="enviada em|enviado em|enviado|enviada|data|data de envio|recebido|enviado às|data do envio",
        to="para|destinatário|destinatários|a",
        subject="assunto|tema",
        cc="cópia|cco|com cópia|bcc",
        original="mensagem original|mensagem de origem|e-mail original|mensagem inicial|compromisso original",
        forwarded="mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|e-mail encaminhado"
        "|início da mensagem reenviada|início da mensagem reencaminhada|mensagem reenviada|encaminhado por"
        "|inicio da mensagem encaminhada|e-mail reencaminhado",
    ),
    "it": Language(
        wrote="ha scritto|scrive|scritto|ha scritto quanto segue|scrisse|hai scritto|avete scritto",
        around="il|giorno|alle|ore|in|data|del|da|di|a|ha|lo|la|l|nel|messaggio|seguente",
        sender="da|mittente|inviato da",
        date="inviato|data|data invio|inviato il|data di invio|ricevuto|inviata",
        to="a|per|destinatario|destinatari",
        subject="oggetto|ogg",
        cc="copia|ccn|copia conoscenza|cc|p.c|c.c",
        original="messaggio originale|messaggio di origine|e-mail originale|mail originale|messaggio originario"
        "|appuntamento originale",
        forwarded="messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato"
        "|messaggio inoltrato da|e-mail inoltrata|mail inoltrata|inoltrato da",
    ),
    "nl": Language(
        wrote="schreef|schreven|heeft geschreven|geschreven|schrijft|het volgende geschreven",
        around="op|om|het|volgende|heeft|hebben|van|de|via|u|uur|aan|in|door",
        sender="van|afzender",
        date="verzonden|verstuurd|datum|verzonden op|verzendtijd|ontvangen|verzonden om",
        to="aan|naar|ontvanger|geadresseerde",
        subject="onderwerp|betreft",
        cc="kopie|cc|bcc|kopie aan",
        original="oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|originele bericht|origineel e-mail"
        "|oorspronkelijk mail|oorspronkelijke e-mail|origineel mailbericht|oorspronkelijke afspraak",
        forwarded="doorgestuurd bericht|doorgestuurde bericht|begin doorgestuurd bericht|doorgestuurde e-mail"
        "|doorgezonden bericht|doorgestuurd door|begin van doorgestuurd bericht",
    ),
    "af": Language(
        wrote="het geskryf|geskryf|skryf",
        around="op|om|het|die",
        sender="van",
        date="gestuur|datum",
        to="aan",
        subject="onderwerp",
        original="oorspronklike boodskap",
        forwarded="aangestuurde boodskap",
    ),
    "sv": Language(
        wrote="skrev|skriver|har skrivit",
        around="den|kl|klockan|av|från|på|via|du|följande",
        sender="från|avsändare",
        date="skickat|datum|skickades|skickad|mottaget|sänt|sändt",
        to="till|mottagare",
        subject="ämne|rubrik|angående",
        cc="kopia|kopia till|hemlig kopia|bcc",
        original="ursprungligt meddelande|originalmeddelande|ursprungligt mail|ursprungligt mejl|ursprungligt e-post"
        "|ursprungligt brev|ursprungligt e-postmeddelande|originalmeddelandet",
        forwarded="vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mejl|vidarebefordrat mail"
        "|vidarebefordrat e-postmeddelande|början på vidarebefordrat meddelande|börjar på vidarebefordrat meddelande"
        "|vidarebefordrat e-post|här börjar det vidarebefordrade mejlet|börja på vidarebefordrat meddelande",
    ),
    "da": Language(
        wrote="skrev|skriver|har skrevet|skrev følgende",
        around="den|d|kl|klokken|af|fra|på|via|du|følgende",
        sender="fra|afsender",
        date="sendt|dato|sendt den|dato sendt|modtaget",
        to="til|modtager|modtagere",
        subject="emne|vedr|vedrørende",
        cc="kopi|kopi til|cc|bcc",
        original="oprindelig meddelelse|oprindelig besked|oprindelig mail|original meddelelse|oprindelig e-mail"
        "|oprindelig post|original besked|den oprindelige meddelelse",
        forwarded="videresendt meddelelse|videresendt besked|videresendt e-mail|videresendt mail"
        "|start på videresendt besked|start på videresendt e-mail|begyndelse på videresendt besked"
        "|begyndelsen på videresendt meddelelse|videresend meddelelse|videresendt af",
    ),
    "nb": Language(
        wrote="skrev|skriver|har skrevet|skreiv",
        around="den|kl|klokka|av|fra|på|via|følgende",
        sender="fra|avsender|frå",
        date="sendt|dato|sendt den|mottatt",
        to="til|mottaker",
        subject="emne|angående|emna",
        cc="kopi|kopi til|blindkopi",
        original="opprinnelig melding|original melding|opprinnelig e-post|originalmelding|opphavleg melding"
        "|opprinnelig mail|original e-post",
        forwarded="videresendt melding|videresendt e-post|begynn på videresendt melding|videresendt mail"
        "|start på videresendt melding|begynnelsen på videresendt melding|starten på videresendt melding"
        "|videresend melding|videresendt av|vidaresend melding|begynnelse på videresendt melding",
    ),
    "is": Language(
        wrote="skrifaði|skrifar",
        around="þann|kl|af|frá",
        sender="frá|sendandi",
        date="sent|dagsetning|dags",
        to="til|viðtakandi",
        subject="efni",
        cc="afrit",
        original="upprunaleg skilaboð|upphaflegur póstur",
        forwarded="framsend skilaboð|áframsend skilaboð",
    ),
    "fi": Language(
        wrote="kirjoitti|kirjoittaa|on kirjoittanut",
        around="klo|kello|na|lähettäjältä|käyttäjä",
        sender="lähettäjä|keneltä",
        date="lähetetty|päivämäärä|päiväys|pvm|lähetysaika|päivä|aika|lähetettiin",
        to="vastaanottaja|kenelle|vastaanottajat",
        subject="aihe|otsikko",
        cc="kopio|piilokopio|jäljennös",
        original="alkuperäinen viesti|alkuperäinen sähköposti|alkuperäinen sähköpostiviesti|alkuperäinen tapaaminen",
        forwarded="välitetty viesti|välitetty viesti alkaa|edelleenlähetetty viesti|edelleen lähetetty viesti"
        "|välitetty sähköposti|välitetyn viestin alku|edelleenlähetetyn viestin alku",
    ),
    "et": Language(
        wrote="kirjutas|kirjutab",
        around="kell|kuupäev|kuupäeval|kuupäevaga",
        sender="saatja|kellelt",
        date="saadetud|kuupäev|saadeti",
        to="adressaat|kellele|saaja",
        subject="teema|pealkiri",
        cc="koopia|pimekoopia",
        original="algne kiri|algsõnum|algne sõnum|originaalsõnum|algkiri|algne teade|originaalkiri",
        forwarded="edastatud kiri|edastatud sõnum|edasisaadetud kiri|edastatud teade",
    ),
    "lv": Language(
        wrote="rakstīja|raksta|uzrakstīja",
        around="plkst|lietotājs|g|gada|no",
        sender="no|sūtītājs|kam no",
        date="nosūtīts|datums|sūtīts|nosūtīšanas datums",
        to="kam|adresāts|saņēmējs",
        subject="temats|tēma",
        cc="kopija",
        original="sākotnējais ziņojums|oriģinālais ziņojums|sākotnējā ziņa|sākotnējā vēstule",
        forwarded="pārsūtīts ziņojums|pārsūtītais ziņojums|pāradresēts ziņojums|pārsūtīta vēstule",
    ),
    "lt": Language(
        wrote="rašė|parašė|rašo",
        around="m|d|val|data",
        sender="nuo|siuntėjas",
        date="išsiųsta|data|siųsta|išsiuntimo data",
        to="kam|gavėjas",
        subject="tema",
        cc="kopija",
        original="originalus pranešimas|pradinis pranešimas|originalus laiškas|pradinis laiškas|originali žinutė",
        forwarded="persiųstas pranešimas|persiųstas laiškas|persiųsta žinutė|peradresuotas laiškas",
    ),
    "pl": Language(
        wrote="napisał(a)|napisał|napisała|pisze|napisał/a|napisano|napisana przez|pisał|pisała|napisał (a)|gnapisał"
        "|napisal|użytkownik napisał",
        around="w|dniu|dnia|o|godz|godzinie|użytkownik|r|wiadomość|przez|od|roku|g",
        sender="od|nadawca|wysłane przez",
        date="wysłano|wysłane|data|data wysłania|wyslano|wysłany|wysłana|data otrzymania",
        to="do|adresat|odbiorca|komu",
        subject="temat|tytuł|dotyczy",
        cc="dw|kopia|udw|do wiadomości|cc",
        original="wiadomość oryginalna|oryginalna wiadomość|wiadomość pierwotna|treść oryginalna|oryginalny e-mail"
        "|wiadomosc oryginalna|pierwotna wiadomość|oryginalny list|oryginalne zdarzenie",
        forwarded="przekazana wiadomość|wiadomość przekazana|wiadomość przekazana dalej"
        "|początek przekazanej wiadomości|treść przekazanej wiadomości|przesłana wiadomość|wiadomość przesłana dalej"
        "|początek przesyłanej wiadomości|przekazany e-mail|przekazana dalej wiadomość"
        "|treść przekazywanej wiadomości|początek wiadomości przekazanej",
    ),
    "cs": Language(
        wrote="napsal(a)|napsal|napsala|napsal/a|píše|psal|napsal (a)|napsali",
        around="dne|v|ve|odesílatel|uživatel|od|hod|h|jste",
        sender="od|odesílatel|odesilatel|odeslal",
        date="odesláno|datum|odeslano|datum odeslání|odeslána|přijato",
        to="komu|pro|příjemce|adresát",
        subject="předmět|predmet|věc",
        cc="kopie|skrytá kopie|kopie pro|v kopii",
        original="původní zpráva|původní e-mail|puvodni zprava|originální zpráva|původní email|původní mail"
        "|původní schůzka",
        forwarded="přeposlaná zpráva|začátek přeposlané zprávy|přeposlaný e-mail|přesměrovaná zpráva|předaná zpráva"
        "|předávaná zpráva|přeposílaná zpráva|začátek přeposílané zprávy|začátek přeposílaného e-mailu"
        "|přeposlaný email",
    ),
    "sk": Language(
        wrote="napísal(a)|napísal|napísala|napísal/a|píše|napisal(a)|napisal",
        around="dňa|o|v|vo|používateľ|odosielateľ|od|hod|h|dna",
        sender="od|odosielateľ|odoslal",
        date="odoslané|dátum|datum|odoslaný|dátum odoslania|poslané",
        to="komu|pre|príjemca|adresát",
        subject="predmet|vec",
        cc="kópia|kopia|skrytá kópia",
        original="pôvodná správa|pôvodný e-mail|povodna sprava|pôvodný email|originálna správa|pôvodná schôdzka",
        forwarded="preposlaná správa|začiatok preposlanej správy|preposlaný e-mail|odovzdaná správa"
        "|preposielaná správa|postúpená správa|presmerovaná správa|začiatok preposielanej správy|prepošlaná správa",
    ),
    "hu": Language(
        wrote="írta|ezt írta|ezt írtad|írta a következőt|a következőt írta|írja|írt|a következőket írta"
        "|írta az alábbiakat",
        around="időpont|időpontban|dátummal|dátum|keltezéssel|ezt|a|az|következőt|kor|én|án|ekkor",
        sender="feladó|küldő|feladta",
        date="elküldve|küldve|dátum|küldés ideje|elküldés dátuma|küldés dátuma|kelt|küldés|időpont",
        to="címzett|címzettek|címzett(ek)|kinek",
        subject="tárgy|téma",
        cc="másolat|másolatot kap|titkos másolat|rejtett másolat",
        original="eredeti üzenet|eredeti levél|az eredeti üzenet|eredeti e-mail|eredeti uzenet|eredeti találkozó",
        forwarded="továbbított üzenet|továbbított levél|továbbított levél kezdete|továbbított e-mail"
        "|a továbbított üzenet kezdete|továbbított üzenet kezdete|továbbítva|továbbított email",
    ),
    "ro": Language(
        wrote="a scris|scris|scrie|a scris următoarele|ați scris",
        around="în|in|la|data|pe|ora|de|din|utilizatorul|pe data|următoarele",
        sender="de la|expeditor|de|from",
        date="trimis|trimisă|data|data trimiterii|dată|trimis la|expediat",
        to="către|la|catre|destinatar|pentru",
        subject="subiect|subiectul|referitor",
        cc="copie|copie către|cci",
        original="mesaj original|mesajul original|mesaj inițial|e-mail original|mesajul inițial|mesaj iniţial",
        forwarded="mesaj redirecționat|mesaj redirecţionat|mesaj redirectionat|mesaj înaintat|mesaj transmis"
        "|începutul mesajului redirecționat|mesaj retrimis|începe mesajul redirecționat|mesaj expediat mai departe"
        "|începe mesajul înaintat|e-mail redirecționat",
    ),
    "hr": Language(
        wrote="napisao je|napisala je|je napisao|je napisala|je napisao/la|je napisao(la)|je napisala/o|piše|napisao"
        "|napisao/la|napisao(la)|napisala|napisao/la je|je napisao/napisala",
        around="dana|u|je|od|korisnik|sati|h|dne",
        sender="od|pošiljatelj|šalje|šalje se od",
        date="poslano|datum|poslana|datum slanja|vrijeme|poslata",
        to="za|prima|primatelj|prima se|kome",
        subject="predmet|naslov|tema",
        cc="kopija|skrivena kopija|kopija za",
        original="izvorna poruka|originalna poruka|izvorni e-mail|izvorna e-pošta|originalni e-mail|prvobitna poruka",
        forwarded="proslijeđena poruka|proslijeđeni e-mail|prosljeđena poruka|početak proslijeđene poruke"
        "|započni proslijeđenu poruku|započinje proslijeđena poruka|proslijeđena e-pošta|poruka proslijeđena",
    ),
    "sr": Language(
        wrote="је написао/ла|је написао|је написала|написао је|написала је|je napisao/la|је написао(ла)|пише|написао",
        around="дана|у|је|од|корисник|dana|u|je|сати|г",
        sender="од|пошиљалац|шаље|pošiljalac|salje",
        date="послато|датум|послата|poslato|датум слања",
        to="за|прималац|коме|primalac",
        subject="наслов|предмет|тема|naslov",
        cc="копија|kopija",
        original="оригинална порука|изворна порука|првобитна порука|originalna poruka",
        forwarded="прослеђена порука|прослеђени мејл|prosleđena poruka|prosledjena poruka|почетак прослеђене поруке",
    ),
    "sl": Language(
        wrote="je napisal|je napisala|je napisal/a|je napisal(a)|napisal|napisala|piše|je pisal|je oseba napisala",
        around="dne|v|ob|je|oseba|uporabnik|od|uri",
        sender="od|pošiljatelj|poslal",
        date="poslano|datum|datum pošiljanja|odposlano",
        to="za|prejemnik|naslovnik",
        subject="zadeva|predmet",
        cc="kp|kopija|skp|skrito",
        original="izvirno sporočilo|prvotno sporočilo|originalno sporočilo|izvorno sporočilo",
        forwarded="posredovano sporočilo|začetek posredovanega sporočila|posredovana sporočila|posredovana e-pošta",
    ),
    "bg": Language(
        wrote="написа|пише|е написал|писа|написал",
        around="на|в|г|от|час|ч|потребител|потребителят",
        sender="от|подател|изпращач",
        date="изпратено|дата|изпратен|изпратено на",
        to="до|получател|получатели",
        subject="относно|тема|заглавие",
        cc="копие|скрито копие|як|ск",
        original="оригинално съобщение|първоначално съобщение|оригинално писмо|оригинален имейл",
        forwarded="препратено съобщение|начало на препратеното съобщение|препратено писмо|препратен имейл"
        "|пренасочено съобщение",
    ),
    "mk": Language(
        wrote="напиша|пишува|напишал",
        around="на|во|г|од",
        sender="од|испраќач",
        date="испратено|датум|дата",
        to="до|за|примач",
        subject="предмет|наслов|тема",
        cc="копија",
        original="оригинална порака|изворна порака",
        forwarded="препратена порака|проследена порака",
    ),
    "ru": Language(
        wrote="написал(а)|написал|написала|пишет|писал(а)|писал|писала|написал (а)|пользователь написал|написали",
        around="в|от|г|года|пользователь|и|ч|час|время|по|вы|м",
        sender="от|от кого|отправитель|автор",
        date="отправлено|дата|отправлен|дата отправки|отправлена|послано|получено|дата и время|время",
        to="кому|получатель|для|получатели",
        subject="тема|заголовок|тема письма",
        cc="копия|скрытая копия|копии|ск",
        original="исходное сообщение|оригинальное сообщение|исходное письмо|оригинал сообщения"
        "|первоначальное сообщение|оригинальное письмо|исходная встреча|исходящее сообщение|original message",
        forwarded="пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|переадресованное сообщение"
        "|начало переадресованного сообщения|начало пересылаемого сообщения|пересылаемое письмо|пересланное письмо"
        "|начало переадресованного письма|переслано от|переправленное сообщение|конец пересылаемого сообщения",
    ),
    "uk": Language(
        wrote="пише|написав(ла)|написав|написала|писав|написав(-ла)|написав/ла|пишуть|написав (ла)",
        around="о|в|від|р|користувач|року|година|у|на",
        sender="від|від кого|відправник",
        date="надіслано|дата|відправлено|дата відправлення|дата надсилання|надісланo",
        to="кому|до|одержувач|отримувач",
        subject="тема|заголовок",
        cc="копія|прихована копія|копії",
        original="початкове повідомлення|оригінальне повідомлення|вихідне повідомлення|оригінал повідомлення"
        "|первинне повідомлення|оригінальний лист|початковий лист",
        forwarded="переслане повідомлення|перенаправлене повідомлення|пересланий лист|початок листа, що пересилається"
        "|початок переадресованого повідомлення|переслане письмо|пересилається повідомлення"
        "|переадресоване повідомлення|повідомлення, що пересилається",
    ),
    "be": Language(
        wrote="піша|напісаў(ла)|напісаў|напісала",
        around="у|ад|г",
        sender="ад|адпраўнік",
        date="адпраўлена|дата",
        to="каму|да|атрымальнік",
        subject="тэма",
        cc="копія",
        original="зыходнае паведамленне|арыгінальнае паведамленне",
        forwarded="перасланае паведамленне",
    ),
    "el": Language(
        wrote="έγραψε|έγραψαν|γράφει|έγραψε τα εξής|έγραψες",
        around="στις|στη|την|τη|ο|η|ο/η|χρήστης|από|μ.μ|π.μ|μμ|πμ|τις|ώρα|του|της|ημ",
        sender="από|αποστολέας",
        date="στάλθηκε|ημερομηνία|εστάλη|αποστολή|ημ/νία|απεστάλη|ημερομηνία αποστολής",
        to="προς|παραλήπτης|στον",
        subject="θέμα",
        cc="κοιν|κοινοποίηση|κρυφή κοινοποίηση|κοιν.",
        original="αρχικό μήνυμα|πρωτότυπο μήνυμα|αρχικό email",
        forwarded="προωθημένο μήνυμα|προωθούμενο μήνυμα|έναρξη προωθημένου μηνύματος|προωθημένο email"
        "|αρχή προωθημένου μηνύματος|έναρξη μηνύματος που προωθήθηκε",
    ),
    "tr": Language(
        wrote="yazdı|şunu yazdı|şunları yazdı|yazmış|yazıyor|şöyle yazdı|yazdi",
        around="tarihinde|saat|saatinde|tarihli|tarafından|şunu|şunları|günü|kişisi|adlı kullanıcı|kullanıcısı|ö.ö"
        "|ö.s|ös|öö",
        sender="kimden|gönderen|gonderen",
        date="gönderildi|tarih|gönderilme tarihi|gönderme tarihi|gönderim tarihi|tarihi|gonderildi|gönderilen",
        to="kime|alıcı|alici|alıcılar",
        subject="konu",
        cc="bilgi|gizli|bilgi (cc)|karbon kopya",
        original="orijinal mesaj|özgün ileti|orijinal ileti|asıl mesaj|özgün mesaj|orjinal mesaj|ilk mesaj"
        "|orijinal e-posta|asıl ileti",
        forwarded="yönlendirilen ileti|iletilen mesaj|iletilmiş ileti|yönlendirilmiş mesaj|başlangıç iletilmiş mesaj"
        "|yönlendirilen mesaj|iletilen ileti|iletilen e-posta|yönlendirilmiş ileti|başlangıç iletilen ileti"
        "|i̇letilen mesaj|i̇letilmiş ileti|ileti başlangıcı|iletilmiş e-posta başlangıcı|iletilen mesaj başlangıcı"
        "|iletilen ileti başlangıcı",
    ),
    "sq": Language(
        wrote="shkroi|shkruan|ka shkruar",
        around="më|në|ora|nga",
        sender="nga|dërguesi",
        date="dërguar|data|dërguar më",
        to="për|tek|marrësi",
        subject="subjekti|tema|lënda",
        cc="kopje",
        original="mesazhi origjinal|mesazh origjinal",
        forwarded="mesazh i përcjellë|mesazhi i përcjellë",
    ),
    "ca": Language(
        wrote="va escriure|ha escrit|escriu|escrigué|missatge de",
        around="el|dia|a|les|de|del|en",
        sender="de|remitent",
        date="enviat|data|enviat el|data d'enviament",
        to="per a|a|per|destinatari",
        subject="assumpte|tema",
        cc="còpia|a/c|cco",
        original="missatge original|missatge d'origen",
        forwarded="missatge reenviat|inici del missatge reenviat",
    ),
    "eu": Language(
        wrote="idatzi du|idatzi zuen|idatzi dut|hau idatzi du",
        around="erabiltzaileak|hau|noiz|igorlea",
        sender="nork|bidaltzailea|igorlea|nondik",
        date="bidalia|data|bidalita|bidaltze-data",
        to="nori|hartzailea|nora",
        subject="gaia",
        cc="kopia",
        original="jatorrizko mezua|mezu originala",
        forwarded="birbidalitako mezua|bidalitako mezua",
    ),
    "gl": Language(
        wrote="escribiu|escribe|ha escrito",
        around="o|a|ás|de|do|día|en",
        sender="de|remitente",
        date="enviado|data|enviado o",
        to="para|a|destinatario",
        subject="asunto",
        cc="copia",
        original="mensaxe orixinal|correo orixinal",
        forwarded="mensaxe reenviada|inicio da mensaxe reenviada",
    ),
    "cy": Language(
        wrote="ysgrifennodd",
        around="ar|am|o",
        sender="oddi wrth|gan",
        date="anfonwyd|dyddiad",
        to="at",
        subject="pwnc|testun",
        original="neges wreiddiol",
        forwarded="neges wedi'i hanfon ymlaen",
    ),
    "ga": Language(
        wrote="scríobh|a scríobh",
        around="ar|ag|an",
        sender="ó",
        date="seolta|dáta",
        to="chuig",
        subject="ábhar",
        original="bunteachtaireacht",
        forwarded="teachtaireacht curtha ar aghaidh",
    ),
    "sw": Language(
        wrote="aliandika|ameandika",
        around="mnamo|saa|tarehe",
        sender="kutoka",
        date="imetumwa|tarehe",
        to="kwa",
        subject="mada",
        original="ujumbe wa asili",
        forwarded="ujumbe uliosambazwa",
    ),
    "id": Language(
        wrote="menulis|telah menulis|ditulis oleh|menulis berikut|menuliskan",
        around="pada|tanggal|pukul|jam|hari|di|oleh|tgl",
        sender="dari|pengirim",
        date="dikirim|tanggal|terkirim|tgl",
        to="kepada|untuk|penerima",
        subject="subjek|perihal|judul",
        cc="tembusan|salinan",
        original="pesan asli|pesan awal|email asli",
        forwarded="pesan terusan|pesan yang diteruskan|pesan diteruskan|mulai pesan yang diteruskan|email terusan"
        "|awal pesan yang diteruskan|diteruskan oleh",
    ),
    "ms": Language(
        wrote="menulis|telah menulis",
        around="pada|pukul|jam|hari",
        sender="daripada|dari",
        date="dihantar|tarikh",
        to="kepada|untuk",
        subject="subjek|perkara",
        cc="salinan",
        original="mesej asal",
        forwarded="mesej dimajukan|mesej yang dimajukan",
    ),
    "tl": Language(
        wrote="sinulat ni|sumulat|sinulat",
        around="noong|nang|ni|si",
        sender="mula sa|mula kay",
        date="ipinadala|petsa",
        to="para sa|kay",
        subject="paksa",
        original="orihinal na mensahe",
        forwarded="ipinasang mensahe",
    ),
    "vi": Language(
        wrote="đã viết|viết|đã viết như sau",
        around="vào|lúc|ngày|thg|tháng|năm|th|thứ|cn|cn,|của|từ|gi|giờ|chủ|nhật",
        sender="từ|người gửi|gửi từ",
        date="đã gửi|ngày|ngày gửi|gửi|thời gian|đã gửi vào lúc|gửi lúc",
        to="đến|tới|kính gửi|người nhận",
        subject="chủ đề|tiêu đề",
        cc="đồng gửi|bản sao",
        original="thư gốc|tin nhắn gốc|thư ban đầu|nội dung gốc|email gốc",
        forwarded="tin nhắn đã chuyển tiếp|thư được chuyển tiếp|thư đã chuyển tiếp|tin nhắn được chuyển tiếp"
        "|bắt đầu thư được chuyển tiếp|thư chuyển tiếp|bắt đầu tin nhắn được chuyển tiếp|tin nhắn chuyển tiếp",
    ),
    "he": Language(
        wrote="כתב/ה|כתב|כתבה|כתב\\ה|כתב(ה)|מאת|כתבו|נכתב על ידי|כתב\\\\ה",
        around="בתאריך|ב|יום|בשעה|על-ידי|מאת|ביום|את|בתאריך:",
        sender="מאת|שולח",
        date="נשלח|תאריך|נשלח ב|נשלח בתאריך",
        to="אל|נמען|עבור",
        subject="נושא|הנדון",
        cc="עותק|העתק|עותק לידיעה|עותק נסתר|לידיעה",
        original="הודעה מקורית|ההודעה המקורית|הודעת מקור|דואר מקורי",
        forwarded="הודעה שהועברה|הודעה מועברת|העברת הודעה|תחילת ההודעה שהועברה|התחל הודעה שהועברה|תחילת הודעה שהועברה",
    ),
    "ar": Language(
        wrote="كتب|كتبت|كتب/ت|يكتب|تمت كتابة ما يلي بواسطة|قام بكتابة|كتب ما يلي|أرسل",
        around="في|يوم|بتاريخ|الساعة|ص|م|من|تم|ما|يلي|بواسطة|على|تاريخ",
        sender="من|المرسل|مرسل",
        date="تاريخ الإرسال|التاريخ|تاريخ|تم الإرسال|أرسلت|أُرسلت|الإرسال|تاريخ الارسال|أرسل",
        to="إلى|الى|المستلم|المرسل إليه",
        subject="الموضوع|موضوع",
        cc="نسخة|نسخة إلى|نسخة كربونية|نسخة مخفية|نسخة الى",
        original="الرسالة الأصلية|رسالة أصلية|الرسالة الاصلية",
        forwarded="رسالة معاد توجيهها|الرسالة المحولة|رسالة محولة|الرسالة المعاد توجيهها|بداية الرسالة المعاد توجيهها"
        "|رسالة مُعاد توجيهها|بدء الرسالة المعاد توجيهها|تمت إعادة توجيه الرسالة",
    ),
    "fa": Language(
        wrote="نوشت|نوشته|نوشته است|می‌نویسد",
        around="در|تاریخ|ساعت|از|قبل‌ازظهر|بعدازظهر|ب.ظ|ق.ظ",
        sender="از|فرستنده",
        date="ارسال شده|تاریخ|ارسال‌شده|فرستاده شده|تاریخ ارسال",
        to="به|گیرنده",
        subject="موضوع",
        cc="رونوشت",
        original="پیام اصلی|نامه اصلی",
        forwarded="پیام هدایت‌شده|پیام هدایت شده|پیام ارجاع شده|پیام فوروارد شده",
    ),
    "ur": Language(
        wrote="نے لکھا|لکھا",
        around="کو|بجے|پر",
        sender="منجانب|از",
        date="بھیجا|تاریخ",
        to="بنام|بخدمت",
        subject="موضوع|عنوان",
        original="اصل پیغام",
        forwarded="آگے بھیجا گیا پیغام",
    ),
    "hi": Language(
        wrote="ने लिखा|लिखा|लिखते हैं|का कहना है",
        around="को|पर|बजे|am|pm|अपराह्न|पूर्वाह्न",
        sender="प्रेषक|से|द्वारा",
        date="भेजा गया|दिनांक|तिथि|तारीख|प्रेषित",
        to="प्रति|को|प्राप्तकर्ता",
        subject="विषय",
        cc="प्रतिलिपि",
        original="मूल संदेश|मूल मेल",
        forwarded="अग्रेषित संदेश|फ़ॉरवर्ड किया गया संदेश|अग्रेषित मेल",
    ),
    "bn": Language(
        wrote="লিখেছেন|লিখেছে",
        around="তারিখে|এ|তে|সময়ে|তারিখ",
        sender="প্রেরক",
        date="প্রেরিত|তারিখ|পাঠানো হয়েছে",
        to="প্রাপক|প্রতি",
        subject="বিষয়",
        original="মূল বার্তা",
        forwarded="ফরওয়ার্ড করা বার্তা|ফরোয়ার্ড করা বার্তা",
    ),
    "th": Language(
        wrote="เขียนว่า|เขียน|ได้เขียนว่า",
        around="เมื่อ|วันที่|เวลา|วัน|ในวันที่|น|ที่",
        sender="จาก|ผู้ส่ง",
        date="ส่ง|วันที่|ส่งเมื่อ|วันที่ส่ง|เวลาส่ง",
        to="ถึง|ผู้รับ",
        subject="เรื่อง|หัวเรื่อง|หัวข้อ",
        cc="สำเนา|สำเนาถึง",
        original="ข้อความต้นฉบับ|ข้อความเดิม|จดหมายต้นฉบับ|ต้นฉบับ",
        forwarded="ข้อความที่ส่งต่อ|ข้อความที่ถูกส่งต่อ|จดหมายที่ส่งต่อ|เริ่มข้อความที่ส่งต่อ",
    ),
    "ka": Language(
        wrote="წერს|დაწერა|მისწერა",
        around="თარიღით|საათზე|დროს",
        sender="გამომგზავნი|ვისგან",
        date="გაგზავნილია|თარიღი",
        to="მიმღები|ვის",
        subject="თემა",
        original="თავდაპირველი შეტყობინება|ორიგინალი წერილი",
        forwarded="გადამისამართებული წერილი|გადაგზავნილი წერილი",
    ),
    "hy": Language(
        wrote="գրել է|գրեց",
        around="ին|ժամը|թ",
        sender="ումից|ուղարկող",
        date="ուղարկվել է|ամսաթիվ",
        to="ում|ստացող",
        subject="թեմա|վերնագիր",
        original="սկզբնական հաղորդագրություն",
        forwarded="վերահասցեագրված հաղորդագրություն",
    ),
    "az": Language(
        wrote="yazdı|yazıb|yazmışdır",
        around="tarixində|saat",
        sender="kimdən|göndərən",
        date="göndərildi|tarix|göndərilib",
        to="kimə|alan",
        subject="mövzu",
        original="orijinal mesaj|əsl mesaj",
        forwarded="yönləndirilmiş mesaj|göndərilmiş mesaj",
    ),
    "kk": Language(
        wrote="жазды|жазған",
        around="күні|сағат|ж",
        sender="кімнен|жіберуші",
        date="жіберілді|күні",
        to="кімге|алушы",
        subject="тақырып",
        original="бастапқы хабар",
        forwarded="қайта жіберілген хабар",
    ),
    "zh": Language(
        wrote="写道|寫道|写到|写于|寫於|撰写|来信写道|來信寫道|编写|的郵件|的邮件|寫了|写了",
        around="在|于|於|年|月|日|星期|周|週|上午|下午|的|来自|來自|晚上|中午|凌晨|写信|時間|时间",
        sender="发件人|發件人|寄件者|寄件人|发信人|發信人|發送人|发送人|寄信人|发自|來自|寄件者名稱",
        date="发送时间|發送時間|发送日期|日期|傳送時間|寄件日期|时间|時間|寄件時間|傳送日期|发件时间|已发送|發送日期"
        "|已傳送|寄送日期|发件日期|發件時間|寄出時間",
        to="收件人|收件者|收信人|至|主送",
        subject="主题|主旨|主題|标题|標題",
        cc="抄送|副本|抄送人|副本抄送|密送|密件副本",
        original="原始邮件|原始郵件|原邮件|原郵件|原始信件|原信件|原文|回复的原邮件|回复的邮件|原始信息|邮件原件"
        "|原始訊息|历史邮件|原始消息|回覆的郵件|回复的原始邮件|回复邮件信息|邮件原文",
        forwarded="转发的邮件|轉寄郵件|轉寄的郵件|轉寄信件|转发邮件|轉發郵件|转发的信息|轉寄訊息|轉寄的信件"
        "|转发邮件信息|转发的消息|转发信件|已转发的邮件|已轉寄的郵件|開始轉寄郵件|开始转发的邮件|以下是转发的邮件"
        "|轉發的郵件|轉寄的訊息|被转发的邮件|下面是被转发邮件的内容|开始转发邮件|開始轉寄|以下為轉寄郵件|转发信息",
    ),
    "ja": Language(
        wrote="のメッセージ|のメール|さんは書きました|さんが書きました|は書きました|さんの発言|さんからのメール"
        "|様が書きました|が書きました|書きました|さんのメール|wrote|さん wrote|は以下のように書きました"
        "|さんは次のように書きました",
        around="年|月|日|に|の|は|さん|さんは|午前|午後|時|分|頃|より|様|で|、",
        sender="差出人|送信者|発信者|発信人|送信元|from",
        date="送信日時|日時|日付|送信日|送信時刻|受信日時|送信|date",
        to="宛先|受信者|あて先|送信先|宛て|to",
        subject="件名|題名|タイトル|表題",
        cc="cc|写し|カーボンコピー",
        original="元のメッセージ|元のメール|オリジナルメッセージ|元メール|original message|以前のメッセージ"
        "|返信元メッセージ|引用|元のメッセージ情報|上のメッセージ",
        forwarded="転送メッセージ|転送されたメッセージ|転送メール|転送済みメッセージ|転送されたメール"
        "|以下転送メッセージ|転送するメッセージ|以下、転送メッセージ|転送元|転送されたメッセージの開始",
    ),
    "ko": Language(
        wrote="님이 작성|작성|님이 쓴 글|썼습니다|님이 작성했습니다|작성함|님이 쓴 메시지|님의 말|씀"
        "|님이 다음을 작성함",
        around="년|월|일|오전|오후|에|님이|시|분|월요일|화요일|수요일|목요일|금요일|토요일|일요일|화|수|목|금|토",
        sender="보낸 사람|보낸사람|보낸이|발신|발신자|발신인|from",
        date="보낸 날짜|날짜|일시|보낸날짜|보낸 시간|보낸시간|발신일|발송일|전송|보냄|작성일|발송 날짜|보낸 일시|date"
        "|받은 날짜",
        to="받는 사람|받는사람|받는이|수신|수신자|수신인|to",
        subject="제목|subject",
        cc="참조|숨은 참조|숨은참조|함께 받는 사람",
        original="원본 메시지|원본 메일|원본메일|원본메시지|원문|원래 메시지|원본 내용|이전 메시지|original message"
        "|원본 이메일",
        forwarded="전달된 메시지|전달 메시지|전달된 메일|전달 메일|전달한 메시지|전달된 이메일|전달된 메시지 시작"
        "|전달된 메세지|아래는 전달된 메시지",
    ),
}

# What begins an introduction that has neither date nor verb: "Quoting Ann <ann@…>:".
QUOTING = (
    "quoting|zitat von|ich zitiere|citando|citando a|cita de|citazione|cito|en citant|citation de|quotando|citerar"
    "|citat fra|citat från|lainaus|cituji|cytowanie|cytuję|idézet|цитирую|цитата от|цитат от|according to"
    "|in antwort auf|mensagem de|citeren van|alıntı"
)

# How the subjects of forwarded mail begin. "VS" is that in Danish and Norwegian, but an answer in Finnish.
FORWARD_MARKS = (
    r"fwd?|fw|wg|weitergeleitet|tr|rv|reenv|reenviado|enc|encaminhado|reenc|i|inoltra|vs|vb|vl|pd|prz|przekaz\w*|fs"
    r"|vidarebef\w*|videresendt|doorst|doorgest\w*|továbbítás|továbbított|ilt|i̇lt|yönlendir\w*|iletilen|trs|redir"
    r"|пересл|переслано|переадр\w*|препр|πρθ|προωθ\w*|転送|转发|轉寄|轉發|转寄|전달|chuyển tiếp|terusan|přeposláno"
    r"|předáno|preposlané|proslijeđeno|posredovano|edasi|pārsūtīts|persiųsta|הועבר|העברה|إعادة توجيه|ส่งต่อ|áframsent"
    r"|framsent"
)

# "Office <office@…> on behalf of Ann <ann@…>".
ON_BEHALF = (
    r"on behalf of|im auftrag von|au nom de|de la part de|en nombre de|em nome de|per conto di|namens|på vegne (?:af"
    r"|av)|för|puolesta|w imieniu|jménem|v mene|nevében|în numele|от имени|від імені|εκ μέρους|adına|代表|代理"
)

# Headers that stand in a quoted block beside the five above.
OTHER_LABELS = (
    "reply-to|reply to|antwort an|antworten an|répondre à|répondre a|responder a|rispondi a|svar til|svara till"
    "|antwoord aan|importance|wichtigkeit|priorität|priority|prioridad|importancia|importanza|importância|prioriteit"
    "|prioritet|prioritet|wichtig|attachments|attachment|anlagen|anlage|anhänge|anhang|pièces jointes|pièce jointe|pj"
    "|adjuntos|datos adjuntos|allegati|allegato|anexos|anexo|bijlagen|bijlage|bilagor|bilaga|vedlegg|vedhæftede filer"
    "|vedhæftet|vedhæftninger|liitteet|liite|załączniki|přílohy|příloha|prílohy|mellékletek|melléklet|вложения"
    "|вложение|приложения|вкладення|ekler|συνημμένα|atașamente|privici|privitak|organization|organisation|message-id"
    "|message id|sensitivity|vertraulichkeit|confidentiality|附件|添付ファイル|添付|첨부|첨부파일|x-mailer|user-agent"
    "|newsgroups|mailed-by|signed-by|security|list-id|in-reply-to|references|mime-version|content-type"
    "|content-transfer-encoding|return-path|delivered-to|received|x-original-to|categories|kategorien|resent-from"
    "|resent-to|follow up flag|flag status|when|where|required attendees|optional attendees|重要性|优先级|重要度"
    "|優先順序|מצורפים|المرفقات|מסמכים מצורפים|reply all|expires|size|größe|taille|expeditor original|via|phone"
    "|required|optional"
)

# What helpdesks write above their mail: what stands below the line is theirs. With blanks and case left aside.
REPLY_ABOVE = (
    r"(?:please |kindly )?(?:type|write|enter|add|put|make|leave|send)?\s?(?:your )?(?:reply|response|answer|respond"
    r"|comment|message|replies)(?: to this (?:e-?mail|message|ticket))?(?: by)?(?: typing| writing| only)? (?:above"
    r"|before|over) (?:this|the|that) (?:\w+ )?(?:line|text|message|email|marker|dotted line|row)|(?:write|type"
    r"|reply) above this line to (?:post a )?(?:reply|comment|respond)|to (?:reply|respond|comment"
    r"|post)[^.]{0,40}(?:write|type|reply) (?:above|before) this line|(?:please )?do not (?:write|type"
    r"|edit) below this line|(?:bitte )?(?:schreiben|antworten|geben|fügen"
    r"|verfassen)?(?: sie)? ?(?:bitte )?(?:ihre antwort|ihre nachricht|eine antwort"
    r"|ihren kommentar)? ?(?:nur )?(?:oberhalb|über|ueber) (?:von )?(?:dieser|diese|der) (?:linie|zeile|trennlinie"
    r"|markierung)|(?:veuillez |merci de )?(?:répondre|repondre|répondez|saisir votre réponse|écrire votre réponse"
    r"|écrivez votre réponse|taper votre réponse|ajouter votre réponse|tapez votre réponse|inscrire votre réponse"
    r"|rédiger votre réponse|saisissez votre réponse|entrer votre réponse)[^.]{0,20} au[ -]dessus de (?:cette"
    r"|la) ligne|(?:por favor,? )?(?:responda|responder|escriba su respuesta|escribe tu respuesta|conteste|escriba"
    r"|escribir la respuesta|ingrese su respuesta|añada su respuesta"
    r"|introduzca su respuesta)[^.]{0,20} (?:por )?(?:encima|arriba|sobre) (?:de )?(?:esta|la) l[ií]nea"
    r"|(?:por favor,? )?(?:responda|responder|escreva (?:a )?sua resposta|digite (?:a )?sua resposta"
    r"|insira (?:a )?sua resposta|escreva|escreva a resposta)[^.]{0,20} (?:acima|antes) (?:desta|dessa|da) linha"
    r"|(?:si prega di )?(?:rispondere|rispondi|scrivi(?: la)?(?: tua)? risposta|scrivere la risposta"
    r"|digita la risposta|inserire la risposta|digitare la risposta)[^.]{0,20} (?:sopra|al di sopra)(?: di"
    r"| a)? (?:questa|la) (?:riga|linea)|(?:gelieve |graag )?(?:antwoord|reageer|typ (?:uw|je) (?:antwoord|reactie)"
    r"|te antwoorden|uw antwoord|schrijf (?:uw|je) (?:antwoord|reactie)|beantwoord)[^.]{0,20} boven deze (?:lijn"
    r"|regel)|(?:vänligen )?(?:svara|skriv ditt svar|skriv)[^.]{0,20} (?:ovanför|ovan) (?:denna|den här) (?:rad|linje"
    r"|raden|linjen)|(?:venligst |vennligst )?(?:svar|skriv dit svar|skriv svaret ditt|skriv ditt svar"
    r"|skriv)[^.]{0,20} (?:over|ovenfor|ovenover) (?:denne|denna) (?:linjen?|raden?)|(?:kirjoita"
    r"|vastaa)[^.]{0,30} tämän (?:rivin|viivan) yläpuolelle|(?:proszę )?(?:odpowiedz|odpowiadać|odpowiedź"
    r"|wpisz odpowiedź|napisz odpowiedź)[^.]{0,20} (?:powyżej|nad) (?:tej|tą) (?:linii|linią)"
    r"|(?:prosím,? )?(?:odpovězte|odpovídejte|pište|napište odpověď|odpoveď píšte|odpovedzte"
    r"|napíšte)[^.]{0,20} nad (?:tento řádek|tuto čáru|tento riadok|túto čiaru)"
    r"|(?:kérjük,? )?[^.]{0,30}válasz\S*[^.]{0,20} (?:e|ez|ezen) (?:sor|vonal) (?:fölé|felett|feletti)\S*"
    r"|(?:vă rugăm )?(?:răspundeți|răspunde|scrieți răspunsul)[^.]{0,20} deasupra acest(?:ei|ui) (?:linii|rând)"
    r"|(?:пожалуйста,? )?(?:отвечайте|напишите ответ|введите ответ|пишите ответ|ответьте|ваш ответ"
    r"|введите ваш ответ)[^.]{0,20} выше этой (?:линии|строки|черты)|(?:будь ласка,? )?(?:відповідайте"
    r"|напишіть відповідь|введіть відповідь|введіть вашу відповідь)[^.]{0,20} (?:вище|над) (?:цього|цієї"
    r"|цим) (?:рядка|лінії|рядком)|(?:lütfen )?(?:yanıtınızı|cevabınızı|yanıtı)?\s?(?:bu|bu satırın"
    r"|bu çizginin) (?:satırın |çizginin )?(?:üstüne|üzerine|yukarısına) (?:yazın|yazınız|yanıtlayın)\S*"
    r"|(?:παρακαλώ )?(?:απαντήστε|γράψτε την απάντησή σας)[^.]{0,20} πάνω από (?:αυτή|αυτήν) τη γραμμή"
    r"|(?:נא )?(?:להשיב|השב|כתוב את תשובתך)[^.]{0,20} מעל (?:שורה זו|קו זה)|(?:يرجى |من فضلك )?(?:الرد|اكتب ردك"
    r"|كتابة ردك)[^.]{0,20} (?:فوق|أعلى) هذا (?:السطر|الخط)|(?:この行|この線|上記の線|この線)(?:より"
    r"|の)上に?[^。]{0,20}(?:返信|回答|入力|記入|ご記入|書いて)\S*|(?:请|請)?(?:在|于|於)?(?:此|这|這|本)(?:行|条线"
    r"|線|条|線條)(?:之|以)?(?:上|上方|上面)[^。]{0,10}(?:回复|回覆|输入|輸入|答复|填写)\S*|이 (?:줄"
    r"|선) 위에[^.]{0,20}(?:회신|답장|입력|작성)\S*"
)

# Whatever REPLY_ABOVE matches has one of these words between blanks and begins with it one of the stretches beside it,
# or has one of the pieces.
ABOVE_WORDS: dict[str, tuple[str, ...]] = {
    "above": ("above th",),
    "before": ("before th",),
    "over": ("over th", "over den"),
    "below": ("below this line",),
    "sobre": ("sobre la", "sobre esta", "sobre de"),
    "antes": ("antes d",),
    "nad": ("nad t",),
} | {
    word: (word,)
    for word in "oberhalb über ueber dessus au-dessus encima arriba acima sopra boven ovan ovanför ovenfor ovenover"
    " tämän powyżej deasupra".split()
}
ABOVE_PIECES = "válasz|выше|вище|над|üstüne|üzerine|yukarısına|πάνω|מעל|فوق|أعلى|上|위에".split("|")

# What people say above answers that they write into the quoted text: then nothing below is folded.
ANSWERS_INLINE = (
    r"\b(?:inline|in-line|in (?:red|blue|green|bold|purple|orange|caps)\b(?! (?:tape|hat))|between the lines"
    r"|interspersed|embedded below|(?:my |our |the )?(?:answers?|comments?|replies|responses?|remarks?"
    r"|notes) (?:are )?(?:below|in the text|in your (?:e-?mail|text)|within)|(?:see|find) (?:my |our "
    r"|the )?(?:answers?|comments?|replies|responses?) (?:below|inline)|(?:in|auf) (?:rot|blau|grün|fett)\b"
    r"|zwischen den zeilen|(?:antworten?|anmerkungen|kommentare) (?:siehe |stehen )?(?:unten|im text|in ihrer mail)"
    r"|im text unten|siehe unten im text|direkt im text|en (?:rouge|bleu|vert|gras)\b|(?:réponses?"
    r"|commentaires?) (?:ci-dessous|dans le texte|en ligne)|en (?:rojo|azul|verde|negrita)\b|(?:respuestas?"
    r"|comentarios?) (?:abajo|más abajo|en el texto|debajo)|in (?:rosso|blu|verde|grassetto)\b|(?:risposte"
    r"|commenti) (?:sotto|di seguito|nel testo)|em (?:vermelho|azul|verde|negrito)\b|(?:respostas?"
    r"|comentários?) (?:abaixo|no texto)|in het (?:rood|blauw|groen)\b|(?:antwoorden|opmerkingen) (?:hieronder"
    r"|in de tekst|tussen de regels)|i (?:rött|blått|grönt|rødt|grønt)\b|(?:svar|kommentarer) (?:nedan|nedenfor"
    r"|i texten|i teksten)|na (?:czerwono|niebiesko|zielono)\b|w treści\b|poniżej w tekście|(?:červeně|modře"
    r"|zeleně)\b|(?:красным|синим|зел[её]ным)\b|(?:червоним|синім)\b|(?:kırmızı|mavi) ile|(?:pirossal|kékkel)\b|赤字"
    r"|青字|红色|紅色|蓝色|빨간)"
)
