"""The words by which servers tell, in subjects and sentences, what became of a mail.

The notation is that of reasons/notation.py: one phrase on each line, without accents, searched in `unaccented` text.
"""

from __future__ import annotations

from psa.mail.message.reports.reasons.notation import phrases

# Who sends reports, as the display name says.
SERVER_NAMES = phrases(
    r"""
    mail deliver[yi]\w* (sub-?)?s[yu]\w*
    (mailer[- ]daemon|postmaster|system ?administrator|mail administrator|mail system|mail router|internet mail)
    delivery (agent|service|system|notification|status|subsystem)
    microsoft outlook$
    ndr administrator
    (administrateur syst|administrador del sistema|amministratore (di )?sistema)
    (почтов\w* систем|системный администратор|メール配信|メールシステム|邮件系统|系统退信|郵件系統|메일 시스템)
    """
)

SUBJECTS = phrases(
    r"""
    un-?deliver
    error sending your (mail|message)
    mail failed
    returning (to sender|message)
    (un)?deliver(y|able|ed)?[^a-z]…(fail|status|notif|problem|error|report|unsuccess|delay|incomplete)
    failed? (to )?deliver
    fail(ure|ed) deliver
    (mail|message|e-?mail) (delivery|could not|not delivered|system error|failure|error|delayed|undeliver|blocked
      |rejected|bounced)
    returned (mail|to sender|message|e-?mail)
    return(ed)?:? …mail
    failure notice
    could( not|n[o']?t) (be )?(deliver|sen[dt])
    can ?n[o']t (be )?deliver
    bounced?( |:|$)
    rejected (mail|message)
    warning: (message|could|mail)
    permanent delivery failure
    non-?deliver
    not delivered
    message status
    (message|mail) you sent
    mail transaction failed
    (unable|failed) to send
    sorry, your message
    postmaster notify
    smtp server: errors
    considered unsolicited
    banned contents? from you
    virus …in (mail|your)
    unzustellbar
    zustell\w* ?(fehlgeschlagen|fehler|nicht|status|problem|verz|unm|bericht|benach)
    nicht (zugestellt|zustellbar|gesendet|ausgeliefert)
    (zuruckgesandt|nachricht konnte nicht|mail-?zustellung|rucklaufer|verzogert zugestellt)
    (non[- ]?remis|echec (de|d'|dans)|non (distribu|delivr|livr|achemin)|notification d'etat)
    (remise (impossible|retardee|differee)|retour de courrier|n'a pas (pu|ete))
    (correo (no entregado|devuelto)|no (se )?(pudo|puede|ha podido|ha sido)|devuelto)
    (entrega (fallida|fracasad|retrasad)|no (entregado|entregable|se entreg)|(error|fallo) (de|en la) entrega)
    (estado de (la )?entrega|mancat[ao] (consegna|recapito)|non (recapitabile|consegnat|recapitat))
    (impossibile (recapitare|consegnare)|errore (di|nella) (consegna|recapito)|notifica (di|sullo) stato)
    (falha (na|de|ao) (entreg|envi)|nao (foi |pode )?(entregue|ser entregue|entregavel)|nao entreg)
    (devolvid|status (de|da) entrega)
    (onbestelbaar|niet (afgeleverd|bezorgd|bestelbaar|verzonden)|aflever\w*(fout|status|mislukt)|kon niet)
    (kunde inte (levereras|skickas)|olevererbar|kan inte levereras|leverans\w*fel)
    (kunne ikke (leveres|sendes)|kan ikke leveres|ikke leveret|levering\w* (mislyk|feil|fejl|status))
    (toimitta\w*|toimitus\w* epaonnistu|ei voitu toimittaa|epaonnistunut toimitus)
    (niedostarczon|nie dostarczono|nie mozna dostarczyc|niedoreczon|zwrot (poczty|wiadomosci)|blad dostarcz)
    (nedorucitel|nedorucen|(nebyl|nebol)\w* (do)?rucen|nepodarilo|nelze dorucit|doruceni|kezbesit|sikertelen)
    (nelivrat|nu a (putut|fost) (fi )?livrat|esuat)
    (isporuk|neuspjesn|neuspesn)
    (недоставл|не ?доставлен|не удалось доставить|невозможно доставить|ошибка доставки|сообщение не|недоставк
      |возвращен|не може|доставк)
    (iletilemedi|teslim edilemedi|gonderilemedi|iletim (hatasi|basarisiz)|αποτυχια|δεν (παραδοθηκε|ηταν δυνατη))
    (メールエラー|送信エラー|配送エラー|配信エラー|エラーメール|未達|不達|未配信|配信不能|配信できません|配達できません)
    (送信できません|届けられません|お届けでき|配信失敗|送信失敗|配送失敗)
    (退信|退回|无法(投递|送达|传递|发送)|無法(傳送|傳遞|送達|投遞|寄送)|(投递|发送|传递)失败|郵件傳遞|未送达|未传递)
    (반송|전송 ?실패|전달 ?(실패|되지|할 수 없)|배달 ?(실패|되지|할 수 없)|보낼 수 없)
    (tidak (dapat|terkirim)|khong (the )?(gui|chuyen)|תקלה במסירה|לא (נמסר|ניתן למסור))
    (تعذر (تسليم|التسليم)|فشل (تسليم|التسليم)|لم يتم تسليم|ไม่สามารถ)
    """
)

FAILURES = phrases(
    r"""
    (could|can|was|were|has|have|did|been|be|is|are)( ?n[o']?t| not| cannot)? (not )?(be |been )?(un)?deliver
    cannot be delivered
    undeliver
    unable to (deliver|send|process)
    deliver(y|ed|ing)?…(fail|error|unsuccess|problem|delay|suspend|abort|reject)
    fail(ed|ure|s)?…deliver
    permanent (fatal )?error
    returned (to|mail|below|message)
    did not reach
    could not (be )?(sent|reached|process)
    not (be )?(reached|delivered|sent|accepted)
    (giving up|user unknown|unknown user|invalid user|no such user|trouble delivering|permanent errors?|unknown host)
    no valid recipients
    mailbox (is )?(full|unavailable|not found)
    (user|recipient|address|account) (is )?(unknown|invalid|not found|unavailable|not available)
    (user|recipient|address|account|mailbox)…does(n't| not) exist
    quota
    (has been|was|is) (rejected|blocked|bounced|returned|refused|quarantined)
    transcript of (the )?session
    error (while|when|in|occurred)…(send|deliver|transfer)
    (nicht (zugestellt|zustell|ausgeliefert|ubermittelt|erreicht)|unzustellbar|fehlgeschlagen)
    konnte(n)? …nicht
    (n'(a|ont) pas (pu|ete)|pas ete (remis|distribu|delivr)|non (remis|distribu)|echec)
    no (se )?(pudo|puede|ha podido|fue|ha sido)
    (non (e stato|puo|recapit|e possibile)|impossibile|nao (foi|pode|conseg)|falha)
    niet (worden )?(afgeleverd|bezorgd|verzonden)
    (kunde inte|kunne ikke|kan ikke|ikke leveret|ei voitu|epaonnistu|misslyckades|mislyktes|mislykkedes)
    (nie (mozna|mogl|zostal|dostarcz|udalo)|nelze|nebyl|nepodaril|nem (lehet|sikerult|kezbesit)|nu a (putut|fost))
    (nije (isporucen|dostavljen|moguce)|ni bilo mogoce)
    (не (может быть |был[оа]? |могло? )?доставлен|не удалось|невозможно|не може|не вдалося)
    (iletilemedi|teslim edilemedi|basarisiz|δεν (ηταν|μπορει|παραδ)|απετυχε)
    (配信|配達|送信できま|存在しません|宛先|お届け|退信|无法|無法|失败|失敗|被拒|반송|실패|못했|수 없)
    (לא ניתן|تعذر|فشل|khong the|tidak dapat)
    \b[45]\d\d[ -]#?[45]?\.?\d
    """
)

DELAYS = phrases(
    r"""
    delay(?!…(expired|gave up|giving up))
    will (be retried|keep trying|continue|try again)
    not yet been (delivered|received|reached)
    no action is required
    still (being )?(tried|retr|trying)
    warning: (message|could not)
    warning message only
    (do not need to resend|you do not need to)
    (verzogert|noch nicht zugestellt|retarde|pas encore|retrasad|aun no|ritard|non ancora|atrasad|ainda nao)
    (vertraagd|nog niet|opozni|forsink|forsen|zpozd|задерж|отложен|遅延|延迟|延遲|지연)
    """
)
FINAL = phrases(
    r"""
    (giv(e|en|ing)|gave) up
    permanent(ly)? (error|fail)
    failed permanently
    not going to try again
    could not be delivered
    will not be retried
    fatal error
    (endgultig|definiti)
    """
)

# Subjects of notices that a mail has arrived.
ARRIVALS = phrases(
    r"""
    successful(ly)? (mail )?deliver
    (delivered|relayed|expanded)\s*:
    (mail delivery receipt|delivery (receipt|confirmation)|return receipt)
    delivery status notification \((success|relay|expanded)\)
    (zugestellt|ubermittelt|weitergeleitet|remis|relaye|entregado|recapitato|consegnato|entregue|bezorgd|afgeleverd)\s*:
    (levererat|leveret|levert|dostarczono|доставлено|doruceno|kezbesitve)\s*:
    (teslim edildi|配信済み|已送达|已傳遞|배달됨)\s*:
    """
)

# Subjects of mail about the subscribers of lists, which carries bounces that are none of ours, and of read receipts.
OTHER_SUBJECTS = phrases(
    r"""
    (bounce action|uncaught bounce) notification
    unsubscri
    subscription (disabled|results|notif|confirm)
    moderator
    held for
    awaits? (moderator )?approval
    (not read|read|gelesen|ungelesen|lu|non lu|leido|no leido|letto|non letto|lido|gelezen|last|laest|lest|luettu)\s*:
    (przeczytano|precteno|elolvasva|citit|okundu|прочитано|прочтено|既読|開封済み|已读|已讀|읽음)\s*:
    (read receipt|return receipt \(displayed\)|lesebestatigung|accuse de lecture|confirmacion de lectura)
    (conferma di lettura|confirmacao de leitura|leesbevestiging|開封|阅读回执|已读回执)
    """
)

# What systems ask that let mail pass only when its sender proves to be human.
CHALLENGES = phrases(
    r"""
    (confirm|verify|prove)…(you are|that you|human|not (a )?(spam|robot))
    (reply|click|respond)…to (confirm|release|deliver) (your|this|the) (message|e-?mail|mail)
    challenge[- ]response
    protecting my(self)? (from|against)
    (spam ?arrest|boxbe|tmda|mailblocks|spamgourmet)
    waiting for (your )?(confirmation|verification)
    whitelist(ed)? (request|by)
    bitte bestatigen sie
    (veuillez confirmer|por favor,? confirme|si prega di confermare|подтвердите)…(envoi|envio|messagg|mensaje|письм)
    """
)

# How people's letters open: they quote reports and ask what to do.
GREETINGS = phrases(
    r"""
    (hi|hello|hey|dear|good (morning|afternoon|day|evening))\b
    (hallo|moin|guten (tag|morgen|abend)|liebe[rs]?|sehr geehrte|gruss gott|servus|gruezi)\b
    (bonjour|bonsoir|salut|madame|monsieur|cher|chere|hola|buenos|buenas|estimad[oa]|ciao|buongiorno|gentile|salve)\b
    (ola|bom dia|boa tarde|prezad[oa]|goedemorgen|goedemiddag|beste|geachte|hej|hei|god dag|czesc|dzien dobry)\b
    (dobry den|szia|tisztelt|buna|merhaba|sayin|здравствуйте|добрый|привет|уважаем)
    (お世話に|こんにちは|您好|你好|안녕하세요)
    on .{5,80} wrote:
    """
)
