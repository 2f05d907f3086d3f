"""What servers say in other languages than English; the notation and the weights are those of notation.py.

Written without accents: they are taken from both sides.
"""

from __future__ import annotations

from psa.mail.message.reports.reasons.notation import HINT, LIKELY, STRONG, SURE, Evidence, says

TONGUES: tuple[Evidence, ...] = (
    says(
        "mailbox-full",
        SURE,
        r"""
        (postfach|mailbox|konto|empfanger|benutzer|posteingang|speicher|kontingent|quota)…(voll|uberfullt
          |uberschritten|erschopft|aufgebraucht|uberlauf)
        kein (freier )?speicherplatz|speicherplatz…(erschopft|voll|belegt)
        uberfull
        (postvak|mailbox|postbus|inbox|quotum)…(vol\b|overschreden|bereikt)
        geen (schijf)?ruimte
        (boite|compte|messagerie|quota|destinataire|espace)…(plein|pleine|satur|depass|atteint|insuffisant|rempli)
        pleine?\b…boite
        (depass|hors)…quota
        (buzon|cuenta|casilla|bandeja|cuota|usuario|almacenamiento|bustia|quota)…(llen[oa]|exced|superad|sobrepas
          |agotad|ple(na)?\b)
        sin espacio|espacio…(insuficiente|agotado|disco)
        (caixa|conta|cota|quota|usuario|armazenamento)…(chei[oa]|lotad|exced|ultrapass|esgotad)
        espaco…(insuficiente|esgotado)
        (casella|quota|account|spazio|posta|cassetta)…(pien[oa]|superat|esaurit|ecced|raggiunt|insufficiente)
        (casuta|cutia|contul)…(plin)
        (inkorg|brevlada|postlada|mottagar\w*|konto|kvot)…(full\b|overskrid|fullt)
        (postkasse|indbakke|innboks|postboks|mailboks|konto|kvote)…(full|fyldt|fullt?\b|overskred)
        (postilaatikko|sahkopostilaatikko|kiintio|tila)…(taynna|tayttynyt|ylittynyt|loppu)
        (skrzynk|konto|limit|quota|pojemnosc)…(peln|przepelnion|przekroczon|zapelnion)
        (schrank|kvota|ucet)…(pln[aey]|preplnen|prekrocen)
        (postafiok|kvota|tarhely)…(tele|megtelt|tullep|betelt)
        (posta kutusu|kutusu|kotasi|kota|hesab)…(dolu|asildi|asti)
        (γραμματοκιβωτιο|θυριδα)…(γεματ|πληρ)
        (ящик|почтов|квот|лимит|место|хранилищ|аккаунт)…(переполн|заполнен|превыш|исчерпан|полон|нет места)
        переполнен
        недостаточно места
        (скриньк|квот)…(переповн|перевищ)
        (sanducic|kvota|nabiralnik|postni predal|pretinac)…(pun\b|prepun|prekorac|poln)
        (メールボックス|受信箱|容量|ディスク|ボックス|メールスプール)…(一杯|いっぱい|満杯|超|不足|オーバー|制限|フル
          |上限)
        容量(超過|オーバー|制限|不足)|一杯(です|の)
        (邮箱|郵箱|信箱|空间|空間|容量|邮件箱|配额)…(已满|满|已滿|滿|不足|超过|超出|超過|超限)
        (메일함|편지함|사서함|용량|저장 ?공간|할당량)…(가득|초과|부족|꽉)
        (hop thu)…(day|vuot)
        (kotak (surat|masuk)|kuota)…(penuh|terlampaui|melebihi)
        (صندوق|البريد)…(ممتلئ|ممتلى|امتلا|تجاوز)
        (תיבת|תיבה)…(מלאה|חריגה)
        กล่อง…เต็ม
        """,
    ),
    says(
        "message-too-big",
        SURE,
        r"""
        (nachricht|mail|e-mail|anhang|grosse)…(zu (gross|lang)|uberschreite)
        zu grosse?\b
        (bericht|bijlage|omvang)…(te groot|overschrijd)
        (message|taille|courriel|mail|piece)…(trop (volumineu|gros|grand|lourd|long)|taille maximale|depass)
        trop volumineu
        (mensaje|tamano|correo|adjunto)…(demasiado (grande|largo)|exced|supera|sobrepas|maximo)
        (mensagem|tamanho|anexo)…(muito grande|grande demais|exced|ultrapass|maximo)
        (messaggio|dimension[ei]|allegat[oi])…(troppo grand|supera|ecced|oltre|massim)
        (meddelande\w*|besked\w*|melding\w*|brev\w*)…(for stort?|storrelse|overskrid|storlek)
        (viesti|liite)…(liian suuri)
        (wiadomosc|rozmiar|zalacznik)…(za duz|zbyt duz|przekracza)
        (zprava|velikost|sprava|priloha)…(prilis velk|prekrac)
        (uzenet|level|meret)…(tul nagy|tullep|meghalad)
        (сообщени|письм|размер|вложени)…(слишком больш|превыша|превышен|велик)
        (mesaj|ileti|boyut)…(cok buyuk|asiyor|asti)
        (メール|メッセージ|サイズ|添付)…(大きすぎ|サイズ|超え|超過|制限を|大き過ぎ)
        サイズ(超過|オーバー|制限)
        (邮件|郵件|大小|附件)…(太大|过大|過大|超过|超出|超過)
        (메일|메시지|크기|첨부)…(너무 큽|너무 커|초과|제한)
        """,
    ),
    says(
        "policy",
        SURE,
        r"""
        (gruppe|groupe|grupo|gruppo|grup|grupa|groep|skupin|csoport|группа|групп|קבוצה|المجموعة|समूह|群组|群組
          |グループ|그룹|ryhma|ομαδα|bustia)……(nicht (existiert|vorhanden|berechtigt)|existier|berechtig|autoris
          |permiss|permis|exist[ae]|esist|autorizz|bestaat|bevoegd|rettighed|behorighet|tillatelse|uprawnien|opravnen
          |jogosult|не существует|разрешен|прав |หมาย|存在|权限|權限|権限|권한|إذن|صلاحية|अनुमति|izin|הרשאה)
        (absender|afzender|expediteur|remitente|remetente|mittente|avsandare|avsender|afsender|nadawc|odesilatel
          |felado|отправител|gonderen|gonderici|送信者|差出人|发件人|寄件者|寄件人|보낸 ?사람|발신자)…(abgelehnt
          |abgewiesen|nicht (erlaubt|akzeptiert|existier)|ungultig|geweigerd|refuse|rejet|invalide|inconnu|rechazad
          |no permitid|invalid|rejeitad|recusad|rifiutat|avvisad|avvist|odrzucon|odmitnut|elutasit|отклон|отверг
          |не принят|неизвест|запрещ|reddedil|拒否|受信|拒绝|拒絕|거부)
        """,
    ),
    says(
        "authentication",
        SURE,
        r"""
        ドメイン認証|送信ドメイン認証|(проверк|аутентификац)…(dmarc|spf|dkim)
        """,
    ),
    says(
        "spam",
        SURE,
        r"""
        pourriel|courrier indesirable|indesirable|correo (no deseado|basura)|nao solicitad|non (desiderat|richiest)
          |spam-verdacht|werbemail|unerwunscht|ongewenst|skrappost|soppelpost|roskaposti|спам|нежелательн|迷惑メール
          |スパム|垃圾|스팸|istenmeyen|kereten|niechcian|nevyzadan|ανεπιθυμητ
        """,
    ),
    says(
        "security",
        SURE,
        r"""
        ウイルス|病毒|바이러스|вирус|virenbefall|verseucht|zlosliw|skodliv|veszelyes
        """,
    ),
    says(
        "blocked",
        SURE,
        r"""
        schwarze liste|sperrliste|liste noire|lista (negra|nera)|zwarte lijst|svartlist|czarn(a|ej) li[sś]|cern(a
          |y) (listin|seznam)|(черн|чёрн|черный|стоп-)\w* ?спис|kara liste|ブラックリスト|黑名单|黑名單|블랙리스트
          |拒信名单
        (ip|server|serveur|servidor|hote|rechner|адрес|сервер)…(gesperrt|blockiert|bloque|bloquead|bloccat|geblokkeerd
          |zablokowan|blokovan|заблокирован|блокирован|engellen|禁止|封锁|封鎖|차단)
        """,
    ),
    says(
        "rate-limited",
        SURE,
        r"""
        zu viele (verbindungen|nachrichten|mails|empfanger|anfragen)
        trop de (connexions|messages|connections|destinataires)|trop de
        demasiad[oa]s (conexiones|mensajes|destinatarios|correos)
        (muitas|muitos|demasiad) (conex|mensag|destinat)
        troppe (connessioni)|troppi (messaggi|destinatari)
        te veel (verbinding|berichten)
        for m[ao]nge (forbindelser|tilkoblinger|beskeder|meldinger)|for manga
        (zbyt|za) (wiele|duzo) (polaczen|wiadomosci)
        prilis mnoho
        слишком (много|часто)|превышен\w* (лимит|скорость|количество)
        送信(通数|制限|数)|接続数|過多
        频率|頻率|过于频繁|次数超|超过(最大)?(连接|发送|发信)|发信量|并发|连接数
        전송 ?제한|너무 많은
        """,
    ),
    says(
        "greylisted",
        SURE,
        r"""
        graue? liste|liste grise|lista (gris|grigia|cinza)|серы\w* спис|グレイリスト|グレーリスト|灰名单
        """,
    ),
    says(
        "relay-denied",
        SURE,
        r"""
        relay…(nicht (erlaubt|gestattet)|verweigert|refus|interdit|non autoris|denegad|no permitid|prohibid|negad
          |non consentit|vietat|niet toegestaan|nekad|nektet|nægtet|zabronion|odmowa|запрещ|отклон|不许|拒绝|拒否)
        (kein|pas de|sin|no) relay|中继|中繼|中継|пересылк\w* запрещ|릴레이
        """,
    ),
    says(
        "mailbox-disabled",
        SURE,
        r"""
        (konto|postfach|benutzer|empfanger|teilnehmer)…(deaktiviert|stillgelegt|inaktiv|abgeschaltet)
        (compte|boite|destinataire|abonne|utilisateur)…(desactiv|inactif|inactive|ferme)
        (cuenta|buzon|usuario|destinatario)…(deshabilitad|desactivad|inactiv)
        (conta|caixa|usuario|destinatario)…(desativad|desabilitad|inativ)
        (account|casella|utente|destinatario|indirizzo)…(disabilitat|disattivat|inattiv)
        (account|postvak|mailbox|gebruiker)…(uitgeschakeld|gedeactiveerd|inactief)
        (konto\w*|brevlada\w*|postkasse\w*|bruker\w*|bruger\w*|anvandar\w*)…(inaktiv|deaktiver|avstangd|deaktivert
          |stengt)
        (konto|skrzynk|uzytkownik|adres)…(nieaktywn|wylaczon|dezaktyw)
        (ucet|schrank|uzivatel)…(neaktivn|deaktiv)
        (fiok|postafiok|felhasznalo)…(letilt|inaktiv)
        (ящик|аккаунт|пользовател|учетн|почт|адрес)…(отключен|неактив|выключен)
        (hesap|hesab|kullanici|posta kutusu)…(devre disi|pasif|kapali)
        (アカウント|メールボックス|ユーザー?|アドレス)…無効
        (邮箱|郵箱|帐号|账号|帐户|账户|用户|收件人|信箱)…(停用|禁用|关闭|停權)
        (계정|메일함|사용자)…비활성
        """,
    ),
    says(
        "suspended",
        SURE,
        r"""
        (konto|postfach|benutzer|empfanger|teilnehmer)…(gesperrt|eingefroren|vorubergehend (deaktiviert|abgeschaltet))
        (compte|boite|destinataire|abonne|utilisateur)…(bloqu|suspend|gele)
        (cuenta|buzon|usuario|destinatario)…(suspendid|bloquead)
        (conta|caixa|usuario|destinatario)…(suspens|bloquead)
        (account|casella|utente|destinatario|indirizzo)…(sospes|bloccat)
        (account|postvak|mailbox|gebruiker)…(geblokkeerd|opgeschort)
        (konto\w*|brevlada\w*|postkasse\w*|bruker\w*|bruger\w*|anvandar\w*)…(sparrad|sperret|sparret)
        (konto|skrzynk|uzytkownik|adres)…(zablokowan|zawieszon)
        (ucet|schrank|uzivatel)…(zablokovan|pozastaven)
        (fiok|postafiok|felhasznalo)…(felfuggeszt|zarolt)
        (ящик|аккаунт|пользовател|учетн|почт|адрес)…(заблокирован|приостановлен|заморожен)
        (hesap|hesab|kullanici|posta kutusu)…(askiya|engellen)
        (アカウント|メールボックス|ユーザー?|アドレス)…(停止|ロック|凍結|休止)
        (邮箱|郵箱|帐号|账号|帐户|账户|用户|收件人|信箱)…(冻结|被锁|锁定|封禁|暂停|凍結|未激活)
        (계정|메일함|사용자|휴면)…(정지|차단|휴면|중지|잠)|휴면
        """,
    ),
    says(
        "moved",
        SURE,
        r"""
        umgezogen|neue (e-?mail-?)?adresse|nicht mehr (in|bei|fur) (unser|der|dem|die)…(firma|unternehmen|tatig
          |beschaftigt)|hat (die firma|das unternehmen|unser haus) verlassen|nouvelle adresse|nueva direccion
          |novo endereco|nuovo indirizzo|nieuw (e-?mail)?adres|ny (e-?post)?adress|new address|nowy adres|nova adresa
          |новый адрес|新(しい)?(メール)?アドレス|アドレス変更|新地址|新邮箱
        """,
    ),
    says(
        "host-unknown",
        SURE,
        r"""
        (domane|domain|host|rechner|zielsystem)…(unbekannt|nicht (gefunden|bekannt)|existiert nicht|ungultig)
        (domaine|hote|serveur)…(inconnu|introuvable|n'existe pas|inexistant|non trouv)
        (dominio|servidor|host|equipo)…(desconocid|no existe|inexistente|no (se )?(ha )?(sido )?encontr|desconhecid
          |nao existe|nao (foi )?encontrad|sconosciut|non esiste|non trovat|inesistent)
        (domein|host|server)…(onbekend|bestaat niet|niet gevonden)
        (doman|domene|domane|vard|vart)\w*…(okand|ukendt|ukjent|finns inte|findes ikke|finnes ikke|hittades inte)
        (domena|serwer|domeny)…(nie istnieje|nieznan|nie znaleziono)
        (domena|server)…(neexistuj|neznam|nenalezen)
        домен…(не существует|не найден|неизвест)|несуществующ\w* домен
        (alan adi|sunucu)…(bulunamadi|mevcut degil|bilinmiyor)
        (ドメイン|ホスト)…(存在しません|見つかりません|不明|ありません)
        (域名|主机|網域|主機)…(不存在|找不到|无法解析|解析失败|無法解析|错误)
        (도메인|호스트)…(존재하지|찾을 수 없|없습니다)
        """,
    ),
    says(
        "user-unknown",
        SURE,
        r"""
        (benutzer|empfanger|empfaenger|adresse|adressat|postfach|konto|nutzer|teilnehmer|mailbox|kunde
          |<address>)…(unbekannt|nicht (gefunden|bekannt|vorhanden|existent|registriert|ermittelt)|existiert nicht
          |existiert hier nicht|gibt es (hier )?nicht|ungultig|wurde geloscht|nicht mehr)
        unbekannte[rsn]? (empfanger|benutzer|adress|nutzer|postfach|e-?mail)|kein (solche\w* )?(benutzer|postfach
          |empfanger|konto)|gibt es (hier )?nicht
        (utilisateur|destinataire|adresse|boite|compte|abonne|correspondant|usager|<address>)…(inconnu|n'existe (pas
          |plus)|introuvable|invalide|inexistant|non trouve|pas trouve|n'est (pas|plus) (valide|connu)|erronee?)
        adresse d ?'?au moins un destinataire invalide
        (usuario|destinatario|buzon|cuenta|direccion|casilla|correo|utente|casella|indirizzo|account|utilizador|caixa
          |conta|endereco|<address>)…(desconocid|no existe|inexistent|no (se |ha |fue |sido |ha sido )*encontrad
          |no es valid|invalid|no valid|desconhecid|nao existe|nao (foi )?encontrad|nao e valid|sconosciut|inesistent
          |non esiste|non (e )?(stato |stata )?trovat|non valid|incorrect)
        (gebruiker|ontvanger|geadresseerde|adres|postvak|mailbox|account|<address>)…(onbekend|bestaat niet
          |niet gevonden|ongeldig|bestaat niet meer|niet bekend)
        onbekende (gebruiker|ontvanger|geadresseerde)
        (mottagar\w*|anvandar\w*|adress\w*|konto\w*|brevlada\w*|modtager\w*|mottaker\w*|bruger\w*|bruker\w*
          |postkasse\w*|<address>)…(okand|finns inte|hittades inte|existerar inte|ukendt|ukjent|(findes|finnes) ikke
          |ikke (fundet|funnet|findes|finnes)|(eksisterer|eksistere) ikke|ble ikke funnet|blev ikke fundet|ogiltig
          |ugyldig|kunde inte hittas)
        okand (anvandare|mottagare|adress)|ukendt (bruger|modtager)|ukjent (bruker|mottaker)
        tuntematon (vastaanottaja|kayttaja|osoite)
        (vastaanottaja\w*|kayttaja\w*|osoite\w*|tili\w*|postilaatikko\w*)…(tuntematon|ei loydy|ei loytynyt
          |ei ole olemassa|virheellinen)
        (uzytkownik\w*|odbiorc\w*|adres\w*|skrzynk\w*|konto|<address>)…(nieznan|nie istnieje|nie znaleziono
          |nie zostal\w* znalezion|nieprawidlow|niepoprawn|nie ma)
        nie ma takiego|nieznany (uzytkownik|odbiorca|adres)|nieistniejac
        (uzivatel\w*|pouzivatel\w*|prijem\w*|adres\w*|schrank\w*|ucet\w*)…(neznam|neexistuj|nenalezen|nebyl\w* nalezen
          |neplatn|nebola najdena|nenajden)
        (cimzett\w*|felhasznalo\w*|postafiok\w*|\bcim\w*|fiok\w*)…(ismeretlen|nem letez|nem talal|ervenytelen)
        ismeretlen (cimzett|felhasznalo)
        (utilizator\w*|destinatar\w*|adresa|casuta|contul|korisnik|primatelj|primalac|prejemnik|uporabnik)…(necunoscut
          |nu exista|inexistent|nu a fost gasit|invalida?|nepoznat|ne postoji|ne obstaja|neznan)
        (kullanici\w*|alici\w*|adres\w*|posta kutusu|hesap|hesab\w*)…(bulunamadi|bilinm|yok\b|mevcut degil|gecersiz
          |tanimsiz)
        (χρηστη\w*|παραληπτη\w*|διευθυνση\w*)…(αγνωστ|δεν υπαρχει|δεν βρεθηκε|ακυρ)
        (пользовател\w*|получател\w*|адрес\w*|ящик\w*|почтов\w*|аккаунт\w*|учетн\w*|користувач\w*|одержувач\w*
          |отримувач\w*|скриньк\w*|потребител\w*|<address>)…(не существу|не найден|неизвест|не зарегистрирован
          |отсутству|удален|недействит|не іcну|не існу|не знайден|невідом|неправильн|неверн|не съществува|непознат)
        (no existe|no se encuentra|desconocid[oa]) …(usuario|destinatario|buzon|cuenta|direccion|correo|casilla)
        (nao existe|nao encontramos) …(usuario|destinatario|caixa|conta|endereco)
        (non esiste|inesistente) …(utente|destinatario|casella|account|indirizzo)
        (n'existe pas|inconnu) …(utilisateur|destinataire|adresse|boite|compte)
        (пользовател|адресат|получател|ящик|адрес)\w* (нет|не имеется)
        нет такого|несуществующ|нет (пользователя|адресата|получателя|ящика)
        宛先…(存在しません|存在しない|見つかりません|不明|ありません|正しくない|誤り|間違)
        (ユーザー?|アドレス|メールボックス|アカウント|受信者)…(存在し(ません|ない)|見つかりません|不明|ありません
          |見つからない|間違|正しくありません)
        お客様の指定|あて先不明|該当(する)?(ユーザ|アドレス)|(存在しない|不明な)(宛先|ユーザ|アドレス|メール)
        (用户|用戶|收件人|收信人|邮箱|郵箱|地址|帐号|账号|帐户|账户|帳號|帳戶|信箱|使用者)…(不存在|未找到|找不到|无效
          |無效|错误|錯誤|不正确|不正確|有误|已注销|已删除)
        无此(用户|人|邮箱)|查无此|沒有此|没有(此|该|這個|这个)|不存在(此|该|這|的)(用户|用戶|邮箱|收件人|信箱)?
        (사용자|수신자|수신인|받는 ?사람|받는사람|메일 ?주소|계정|메일함|주소|아이디|회원)…(존재하지|없습니다|없음
          |없는|찾을 수 없|잘못|올바르지|탈퇴)
        존재하지 않는 (사용자|계정|주소|메일|수신)
        (المستلم|المستخدم|العنوان|عنوان)…(غير موجود|غير معروف|غير صالح|لا يوجد|خطا|خاطئ|تعذر العثور)
        (הנמען|המשתמש|הכתובת|כתובת)…(לא קיים|לא קיימת|לא נמצא|לא ידוע|שגוי)
        (nguoi dung|nguoi nhan|dia chi|tai khoan)…(khong ton tai|khong tim thay|khong hop le)
        (pengguna|penerima|alamat|akun)…(tidak (ditemukan|dikenal|ada|valid|terdaftar))
        (ผู้รับ|ผู้ใช้|ที่อยู่)…(ไม่พบ|ไม่มี|ไม่ถูกต้อง)
        उपयोगकर्ता…नहीं|पता नहीं मिला
        """,
    ),
    says(
        "network",
        SURE,
        r"""
        zeituberschreitung|verbindung…(abgelehnt|unterbrochen|verloren|fehlgeschlagen|nicht (moglich|hergestellt))
          |nicht erreichbar|antwortet nicht
        (connexion|serveur)…(refusee|interrompue|perdue|impossible|ne repond pas|echou|injoignable)
          |delai (d'attente )?depasse|ne repond pas
        (conexion|servidor)…(rechazada|perdida|no responde|no disponible|agotado)|tiempo de espera|(conexao
          |servidor)…(recusada|perdida|nao responde|indisponivel)|tempo (limite )?esgotado
        (connessione|server)…(rifiutata|persa|scaduta|non risponde|non raggiungibile)|tempo scaduto
        (verbinding|server)…(geweigerd|verbroken|reageert niet|niet bereikbaar)
        (соединени|сервер|подключени)…(отказ|разорван|не отвечает|недоступ|невозможн|не удалось|прерван)|тайм-?аут
          |истекло время ожидания
        (baglanti|sunucu)…(reddedildi|kesildi|yanit vermiyor|zaman asimi)
        (polaczeni|serwer)…(odrzucon|przerwan|nie odpowiada|niedostepn)
        (サーバー?|ホスト|接続)…(応答|接続でき|接続に失敗|タイムアウト|つながりません|拒否されました)|タイムアウト
        (连接|連線|服务器|伺服器)…(超时|失败|被拒|中断|没有响应|无响应|逾時|失敗|無回應)|(무응답|응답하지|연결…(실패
          |거부|시간))|サーバの事由
        """,
    ),
    says(
        "expired",
        STRONG,
        r"""
        abgelaufen|verzogert|zustellversuche|delai…(expire|depasse)|expire|retarde|caducad|expirad|retrasad|atrasad
          |scadut[oa]|ritardat|verlopen|vertraagd|forsinke|forsena|myohast|wygasl|opoznion|vyprse|zpozden|lejart|keses
          |просрочен|истек|задерж|gecik|suresi doldu|有効期限|遅延|保存期間|时限|延迟|延遲|过期|만료|지연|期限切れ
        """,
    ),
    says(
        "content",
        STRONG,
        r"""
        (inhalt|anhang|contenu|piece jointe|contenido|adjunto|conteudo|anexo|contenuto|allegato|inhoud|bijlage
          |innehall|bilaga|indhold|tresc|zalacznik|obsah|priloha|содержим|вложен|内容|附件|添付|첨부
          |내용)…(nicht (erlaubt|zulassig)|verboten|interdit|non autoris|no permitid|prohibid|proibid|non consentit
          |vietat|niet toegestaan|otillat|forbudt|niedozwolon|zakazan|запрещ|拒绝|拒絕|违规|非法|禁止|不合法|允许|거부
          |금지|ограничен)
        """,
    ),
    says(
        "system",
        STRONG,
        r"""
        (interner|technischer|temporarer) fehler|erreur (interne|technique|systeme)|error (interno|tecnico
          |del sistema)|erro (interno|tecnico)|errore (interno|tecnico)|interne fout|internt fel|intern fejl
          |blad (wewnetrzny|systemu)|внутренн\w* ошибк|техническ\w* ошибк|временн\w* (ошибк|сбой)|システムエラー
          |内部エラー|障害|系统错误|内部错误|系統錯誤|시스템 오류
        """,
    ),
    says(
        "policy",
        STRONG,
        r"""
        richtlinie|politique|politica|beleid|policyn|zasad|политик|ポリシー|策略|규칙|정책
        """,
    ),
    says(
        "policy",
        HINT,
        r"""
        abgelehnt|verweigert|abgewiesen|zuruckgewiesen|refuse|rejet|rechazad|denegad|rejeitad|recusad|negad|rifiutat
          |respint|negat[oa]|geweigerd|afgewezen|avvis|afvist|nekad|hylatty|odrzucon|odmow|zamitnut|odmitnut|elutasit
          |отклонен|отвергнут|отказ|reddedildi|拒否|拒绝|拒絕|被拒|拒收|거부|거절|απορριφθηκε|مرفوض|رفض|נדחה|ditolak
          |tu choi
        """,
    ),
    says(
        "mailbox-full",
        LIKELY,
        r"""
        cuota|kontingent|quotum|kvota|квота|配额
        """,
    ),
)
