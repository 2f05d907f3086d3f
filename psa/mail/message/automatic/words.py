"""The words of answering machines and other senders that are no persons, in many languages.

The notation is that of reasons/notation.py: one phrase on each line, without accents, searched in `unaccented` text.
"""

from __future__ import annotations

from psa.mail.message.reports.reasons.notation import phrases

# What only a machine puts in front of the subject it answers. Matched at the beginning of the subject.
REPLY_MARKS = phrases(
    r"""
    auto(matic|mated|-?generated)?[- _]?(reply|response|replied|answer|responder|acknowledge?ment)\b
    out[- ]of[- ](the[- ])?office( auto-?reply| ?(:|-))
    (ooo|oof) ?(:|-|re:)
    auto ?: ?(re|aw|fwd?|sv|antw|ref|out of|abwesen|vacation)\b
    yahoo!? auto response
    (vacation|away|absence|holiday) (auto-?)?(reply|response|responder|notification)
    (automatische? (antwort|abwesenheit|eingangs|ruckmeldung|e-?mail)|autom\. antwort|auto-?antwort)
    abwesenheits(notiz|nachricht|meldung|benachrichtigung|hinweis|mitteilung|assistent|info|agent)
    (reponse|message) (automatique|d'absence)|absence du bureau|notification d'absence|avis d'absence|reponse auto\b
    (respuesta|contestacion|mensaje) automatic[ao]|autorespuesta|auto-?respuesta|fuera de (la )?oficina ?(:|-)
    (resposta|mensagem) automatica|auto-?resposta|fora do escritorio ?(:|-)|ausencia temporaria|aviso de ausencia
    (risposta|messaggio) automatic[ao]|fuori (sede|ufficio) ?(:|-)|avviso di assenza
    (resposta|missatge) automatic[a]?
    automatisch (antwoord|beantwoord|bericht)|automatische (antwoord|beantwoording|reactie)
      |afwezigheids?(bericht|melding|assistent)
    (autosvar|automatiskt? (svar|meddelande|besked|svarmeddelande)|franvaro(meddelande|besked)?|fravaer(sbesked
      |smelding)?|auto-?svar)
    (automaattinen (vastaus|poissaolo)|poissaolo(viesti|ilmoitus)|automaatvastus|automaatne vastus|sjalfvirkt svar)
    (automatyczna odpowiedz|odpowiedz automatyczna|autoodpowiedz|auto-?odpowiedz)
    (automaticka odpove[dd]|automaticke odpovedi|automatikus valasz|hazon kivul|raspuns automat
      |automatski odgovor|samodejni odgovor)
    (automatinis atsakymas|automatiska atbilde|otomatik (yanit|cevap)|ofis disinda|αυτοματη απαντηση|εκτος γραφειου)
    (автоматич\w* (ответ|отговор)|автоответ|автоматична відповідь|відповідь автомат|аутоматски одговор
      |нет на месте ?:)
    (自动(回复|答复|应答)|自動(回覆|回復|答覆)|不在(通知|案内|のお知らせ|のため)|自動(返信|応答|送信)|外出中
      |자동 ?(회신|응답|답장)|부재중)
    (tu dong tra loi|tra loi tu dong|balasan otomatis|jawaban otomatis|automatikong tugon|ตอบกลับอัตโนมัติ)
    (מענה אוטומטי|תשובה אוטומטית|מחוץ למשרד|رد تلقائي|الرد التلقائي|خارج المكتب|پاسخ خودکار|स्वचालित उत्तर
      |स्वतः उत्तर)
    """
)

# What a person may write as well: evidence only beside other evidence. Matched at the beginning of the subject.
AWAY_SUBJECTS = phrases(
    r"""
    (i am |i'm )?(currently )?out[- ]of[- ](the[- ])?office
    (ooo|oof)\b
    [^:]{2,60} (is|ist|est|esta|e|is momenteel) (currently |derzeit |actuellement )?(out of (the )?office|away|abwesend
      |nicht im (haus|buro)|ausser haus|absente?|ausente|afwezig|assente)
    (i am |i'm )?(away|on (vacation|holiday|annual leave|leave|maternity leave|parental leave)|vacation
      |annual leave)\b
    (abwesend|abwesenheit|urlaub|nicht im (haus|buro)|im urlaub|ausser haus|ferienabwesenheit|ferien)\b
    (absent|absence|en conge|conges|hors du bureau)|(ausente|de vacaciones|vacaciones|fuera de (la )?oficina)
    (fora do escritorio|ferias|de ferias|fuori (sede|ufficio)|assente|in ferie|fora de l'oficina)
    (afwezig|met vakantie|niet aanwezig|franvarande|semester|pa semester|fravaerende|pa ferie|ferie|poissa|lomalla)
    (nieobecn|urlop|na urlopie|dovolena|nepritomn|szabadsag|tavollet|concediu|godisnji odmor|puhkus|atostog
      |atvalinajum)
    (izinde|yillik izin|σε αδεια|отпуск|в отпуске|отсутств|відпустк|休暇|休假|请假|휴가|nghi phep|cuti|בחופשה|إجازة)
    """
)

ACKNOWLEDGEMENTS = phrases(
    r"""
    thank you for (your (e-?mail|message|enquiry|inquiry|request|order|interest|contacting)|contacting|writing
      |getting in touch)
    thanks for (your (e-?mail|message|request)|contacting|writing|reaching out|getting in touch)
    (we have|we've|we) received your (e-?mail|message|request|enquiry|inquiry|ticket|mail|query)
    your (e-?mail|message|request|enquiry|inquiry|ticket|case|query) (has been|was) (received|created|registered
      |logged|opened)
    (a |new )?(support )?(ticket|case|request) …(has been|was) (created|opened|received|logged|registered)
    (request|ticket|case) (received|created|opened)
    vielen dank fur ihre (nachricht|anfrage|e-?mail|mail|mitteilung|kontaktaufnahme)(?! (von|vom|aus)\b)
    (eingangsbestatigung|empfangsbestatigung|ihre (anfrage|nachricht|e-?mail) (ist|wurde)…(eingegangen|empfangen
      |erhalten))
    (wir haben ihre (anfrage|nachricht|e-?mail|mail) (erhalten|empfangen))
    (accuse de reception|nous avons bien recu votre|votre (message|demande|courriel) a (bien )?ete (recu|enregistre))
    (acuse de recibo|hemos recibido su|su (mensaje|solicitud|consulta) ha sido (recibid|registrad)
      |gracias por (contactar|su (mensaje|correo)))
    (abbiamo ricevuto|conferma di ricezione|grazie per averci (contattato|scritto)|la (sua|tua) richiesta e stata)
    (recebemos (a sua|seu|sua)|obrigado por (entrar em contato|contactar)|sua (mensagem|solicitacao) foi)
    (ontvangstbevestiging|wij hebben uw (bericht|e-?mail|aanvraag)|bedankt voor uw (bericht|e-?mail|aanvraag|mail))
    (tack for (ditt|din)|vi har (mottagit|modtaget|mottatt)|tak for din (henvendelse|mail)
      |takk for din (henvendelse|e-?post))
    (dziekuj(e|emy) za (wiadomosc|zgloszenie|kontakt|maila)|otrzymalismy|dekuj(i|eme) za|obdrzeli jsme)
    (koszon(om|juk)|megkaptuk|multumim pentru|(mesajiniz|e-?postaniz|iletiniz)…tesekkur|ευχαριστουμε για το)
    (merci (de|pour) votre (message|mail|e-?mail|courriel)|grazie per (il (suo|tuo|vostro) messaggio|la (sua|tua)
      |averci)|obrigad[oa] (pela|pelo) (sua|seu|mensagem|contacto|contato)|kiitos (viestista|sahkoposti|yhteydenot))
    (спасибо за (обращение|ваше)|ваше (обращение|сообщение|письмо) (получено|принято|зарегистрировано)
      |мы получили ваш)
    (お問い合わせ(ありがとう|を受け付け|いただき)|(メール|ご連絡)[^。]{0,20}ありがとうございます|受け付けました|受付完了
      |(感谢|谢谢)您的(来信|邮件|咨询|联系)|您的(请求
      |邮件|来信)已|문의해 ?주셔서|접수되었습니다)
    """
)

# In the first words of the text: somebody is away.
AWAY = phrases(
    r"""
    (i am|i'm|i will be|i'll be|am|currently) (currently )?(out of (the )?office|away|travell?ing
      |on (a )?(annual |parental |maternity
      |paternity |sick |family |medical )?(leave|vacation|holidays?|break|business trip)|not in the office|absent)
    out of (the )?office (until|till|from|and|with|on|between|for|starting|this)
    (on|taking) (vacation|holiday|leave) (until|till|from|and will)
    (i will return|i'll be back|returning|back in the office|return to the office) (on|to|the|by|at|in|from)
    our office(s)? (is|are|will be) (currently )?closed
    bin ich (erst )?(wieder )?(ab dem|ab|bis|nicht im (haus|buro)|im urlaub|ausser haus|abwesend|nicht erreichbar)
    ich werde …(nicht im (haus|buro)|abwesend|im urlaub|nicht erreichbar)
    ich bin (derzeit |zur zeit |momentan |aktuell |bis |vom |ab |leider |heute )?…(nicht im (haus|buro)|abwesend
      |im urlaub|ausser haus|nicht erreichbar)
    (nicht im (buro|haus)|ausser haus|im urlaub|abwesend)…(bis|ab|vom)
    (unser buro|unsere firma|unser betrieb) (ist|bleibt) …geschlossen
    je (suis|serai) (actuellement |momentanement |actuellement )?(absente?|en conges?|en vacances|hors du bureau
      |en deplacement)
    (nos bureaux (sont|seront) fermes|de retour le)
    (estoy|estare|me encuentro|me encontrare) (actualmente )?(fuera de (la )?oficina|ausente|de vacaciones
      |de permiso|de baja)
    (estarei|estou|encontro-me) (atualmente )?(ausente|fora do escritorio|de ferias|em ferias|de licenca)
    (sono|saro) (attualmente )?(fuori (ufficio|sede)|assente|in ferie)
    (ik ben|ben ik) (momenteel |op dit moment |tot )?…(niet aanwezig|afwezig|met vakantie|niet op kantoor|met verlof)
    (jag ar|jag har|jeg er|jeg har) (for narvarande |for tiden |i ojeblikket |fortsatt )?…(semester|franvarande
      |inte pa kontoret|ledig|ferie|fravaerende|ikke pa kontoret|pa ferie)
    (olen (poissa|lomalla|vuosilomalla)|olen toimistosta poissa)
    (jestem|bede) (obecnie |aktualnie )?…(nieobecn|na urlopie|poza biurem)|(jsem|budu) …(mimo kancelar
      |na dovolene|nepritomn)
    (nem vagyok az irodaban|szabadsagon vagyok|hazon kivul|sunt (plecat|in concediu|absent)|nu sunt la birou)
    (na godisnjem odmoru|odsutan|ofis disindayim|izindeyim|yillik izindeyim|ειμαι εκτος γραφειου|θα λειπω)
    (я (в отпуске|в командировке|отсутствую|буду отсутствовать)|нахожусь в (отпуске|командировке)|меня не будет
      |перебуваю у відпустці)
    (不在にして|休暇(を|中|の)|休みをいただ|外出しており|出張(中|の)|正在休假|休假中|外出(中|公干)|不在办公室
      |휴가 ?중|출장 ?중|부재 ?중)
    (dang nghi phep|khong co mat|sedang cuti|di luar kantor|אני בחופשה|לא נמצא במשרד|أنا في إجازة|خارج المكتب)
    """
)
# And what they say beside it.
AWAY_DETAILS = phrases(
    r"""
    (limited|no|intermittent|without|sporadic|restricted) access to (my )?(e-?mail|mail|messages)
    (urgent|emergency|immediate|important|pressing|time-sensitive)……(contact|call|write|e-?mail|assist|reach|mail
      |turn to)
    (will|shall|ll) (respond|reply|answer|get back|read|be in touch|return your)…(return|back|soon as|when|upon)
    (on|upon) my return
    (your (e-?mail|message|mail) (will|is) not (be )?(forwarded|read|being forwarded))
    (ab|wieder ab) (dem )?…wieder (erreichbar|da\b|im (buro|haus)|zuruck|personlich)
    (je (vous )?(repondrai|recontacterai)|respondere|contestare|responderei|rispondero)…(retour|regreso|vuelta
      |regress|voltar|rientro|ritorno|quando|cuando|quand)
    (uw (bericht|e-?mail|mail) wordt (niet|pas)|na mijn (vakantie|terugkomst|verlof)|nar jag (ar|kommer) tillbaka
      |ater pa kontoret|nar jeg er tilbage|tilbage (pa kontoret|den|mandag)|palaan (toihin|toimistolle|takaisin))
    (in dringenden|in wichtigen|bei dringenden|fur dringende)……(wenden|kontakt|anruf|erreich|schreib|fall|anliegen)
    (ihre (nachricht|e-?mail|mail) wird (nicht|automatisch)|nicht weitergeleitet|nach meiner ruckkehr
      |melde mich…zuruck)
    (en cas d'urgence|pour (toute|les) (urgence|demande)s?|des mon retour|a mon retour|acces limite)
    (en caso de (urgencia|emergencia)|para (asuntos|temas) urgentes|a mi (regreso|vuelta)|em caso de urgencia
      |assuntos urgentes|meu retorno)
    (per (urgenze|questioni urgenti|comunicazioni urgenti)|al mio (rientro|ritorno)|in caso di urgenza)
    (voor dringende|bij (spoed|dringende)|bij terugkomst|vid bradskande|i bradskande|ved presserende|haster det
      |kiireellis)
    (w pilnych|w sprawach pilnych|po powrocie|v nalehavych|v pripade nutnosti|surgos (esetben|ugy)
      |in caz de urgenta|acil (durum|konu))
    (по срочным|в срочных|при необходимости|после возвращения|お急ぎの|緊急の|戻り次第|如有急事|紧急|급한|긴급)
    """
)
# A machine says of itself that it is one.
SELF_DECLARED = phrases(
    r"""
    (this|it) (is|was) an? auto(matic|mated|matically)(ally)?[- ]?(generated |sent |created )?(reply|response
      |e-?mail|message|answer|notification|mail|acknowledge?ment)
    (this|the) (e-?mail|message|mail|notification|reply) (is|was|has been) (sent |generated |created 
      |produced )?auto(matically|mated|matic)
    (automatically|auto)[- ]generated (e-?mail|message|reply|response|mail|notification)
    (please )?do not (reply|respond|answer) (directly )?(to )?(this|directly)
    (this|the) (mailbox|e-?mail address|address|inbox|account) is (not (being )?monitored|unattended|unmonitored)
    (replies|responses) (to this (message|e-?mail|address|mail) )?(are|will) not (be )?(monitored|read|delivered
      |answered)
    (diese (e-?mail|nachricht|mail|antwort) (wurde|ist|wird) (eine )?automatisch|automatisch (erzeugt|generiert
      |erstellt|versendet|versandt)e?)
    (bitte (antworten sie )?nicht (auf diese|antworten)|antworten auf diese (e-?mail|nachricht|mail) (werden
      |konnen) nicht)
    (ceci est un (message|courriel|e-?mail) automatique|(ce|cet) (message|courriel|e-?mail)…(automatique
      |genere automatiquement)|merci de ne pas repondre|ne pas repondre|veuillez ne pas repondre)
    (este (es un )?(mensaje|correo)…(automatic|generado automaticamente)|(por favor,? )?no (responda|conteste)
      |no responder a este)
    (esta (e uma )?(mensagem|resposta)…automatica|este e-?mail…automatic|(por favor,? )?nao responda|nao responder)
    (questo (e un )?(messaggio|e-?mail)…automatic|(si prega di )?non rispondere
      |messaggio (e )?generato automaticamente)
    (dit is een automatisch|deze (e-?mail|mail|bericht)…automatisch|niet (te )?(beantwoorden|reageren)
      |gelieve niet te antwoorden)
    (detta (ar ett|meddelande)…automatisk|svara inte pa|dette er (en|et) auto(matisk|svar)|ikke (svar|besvar)
      |vennligst ikke svar)
    (tama (on|viesti)…automaat|ala vastaa|(to|ta) (jest )?wiadomosc…automatycznie|prosimy (o )?nie odpowiada
      |prosze nie odpowiada)
    (tato zprava…automaticky|neodpovidejte|ez (egy )?automatikus|kerjuk,? ne valaszoljon|acest mesaj…automat
      |nu raspundeti)
    (bu (e-?posta|mesaj|ileti)…otomatik|yanitlamayin|cevap vermeyin|αυτο ειναι ενα αυτοματο|μην απαντ)
    ((это|данное) (письмо|сообщение)…автоматически|не отвечайте на|просьба не отвечать|цей лист…автоматично
      |не відповідайте)
    (このメールは…自動|自動(送信|配信)(され|で|に|専用)|返信(しないで|はできません|いただいても)|ご返信いただ
      |本メールは|(此|本)邮件…自动|请勿(直接)?回复|系统自动(发送|发出)|請勿(直接)?回覆|발신 ?전용
      |자동(으로)? ?발송)
    """
)
# A person answered an invitation with a button.
INVITATION_ANSWERS = phrases(
    r"""
    (has )?(accepted|declined|tentatively accepted|replied "?maybe"?)…(invitation|event|meeting)
    (hat (die|ihre|diese) (einladung|termin)…(angenommen|abgelehnt|zugesagt|abgesagt)|hat (zugesagt|abgesagt
      |mit vorbehalt))
    (a (accepte|refuse|decline)…(invitation|evenement)|ha (aceptado|rechazado|accettato|rifiutato)…(invitacion
      |invito|evento))
    """
)

# Words without which none of the above is said, for a quick look before a slow one.
TOPICS = frozenset(
    """
    office away vacation holiday holidays leave absent travelling traveling closed automatic automatically
    automated autoreply unmonitored monitored urlaub abwesend buro geschlossen automatisch automatische absente
    conges vacances bureau bureaux deplacement automatique oficina ausente vacaciones permiso automatico
    automatica escritorio ferias licenca fuori ufficio assente ferie kantoor afwezig aanwezig vakantie verlof
    franvarande kontoret fravaerende autosvar automatiskt automatisk lomalla poissa automaattinen urlopie biurem
    nieobecny nieobecna automatycznie dovolene kancelar automaticky szabadsagon irodaban automatikus concediu
    birou automat odmoru odsutan izindeyim disindayim otomatik отпуске командировке отсутствую автоматически
    автоматично відпустці εκτος γραφειου αυτοματο human junk spamarrest boxbe tmda semester
    """.split()
)
UNSPACED_TOPICS = (
    "不在",
    "休暇",
    "休み",
    "外出",
    "出張",
    "自動",
    "休假",
    "自动",
    "휴가",
    "부재",
    "자동",
    "בחופשה",
    "إجازة",
    "ตอบกลับ",
)
