"""The names of months and time zones as they stand in dates, in the languages of the world's mail programs."""

from __future__ import annotations

import unicodedata

# Twelve names each; all forms that begin like one with at least three letters are meant too, where that is no other's.
_LANGUAGES = """
january february march april may june july august september october november december
januar februar marz april mai juni juli august september oktober november dezember
janner feber maerz april mai juni juli august sept okt nov dez
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gener febrer marc abril maig juny juliol agost setembre octubre novembre desembre
januari februari maart april mei juni juli augustus september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar mars april mai juni juli august september oktober november desember
januar februar mars april mai juni juli agust september oktober november desember
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesakuu heinakuu elokuu syyskuu lokakuu marraskuu joulukuu
jaanuar veebruar marts aprill mai juuni juuli august september oktoober november detsember
janvaris februaris marts aprilis maijs junijs julijs augusts septembris oktobris novembris decembris
sausio vasario kovo balandzio geguzes birzelio liepos rugpjucio rugsejo spalio lapkricio gruodzio
stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien
leden unor brezen duben kveten cerven cervenec srpen zari rijen listopad prosinec
led uno bre dub kve cvn cvc srp zar rij lis pro
ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince
januara februara marca aprila maja juna jula augusta septembra oktobra novembra decembra
sijecnja veljace ozujka travnja svibnja lipnja srpnja kolovoza rujna - studenoga prosinca
januar februar mart april maj jun jul avgust septembar oktobar novembar decembar
januar februar marec april maj junij julij avgust september oktober november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
januar februar marcius aprilis majus junius julius augusztus szeptember oktober november december
ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik
ιανουαριου φεβρουαριου μαρτιου απριλιου μαιου ιουνιου ιουλιου αυγουστου σεπτεμβριου οκτωβριου νοεμβριου δεκεμβριου
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
сiчня лютого березня квiтня травня червня липня серпня вересня жовтня листопада грудня
jan feb mac apr mei jun julai ogos sep okt nov dis
januari februari maret april mei juni juli agustus september oktober november desember
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
ژانويه فوريه مارس آوريل مه ژوئن ژوئيه اوت سپتامبر اكتبر نوامبر دسامبر
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค
जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
"""
ZONES = {
    name: hours * 3600
    for hours, names in {
        0: "ut utc gmt z wet western",
        1: "cet met mez bst wat wedt west ist_ireland",
        2: "cest mest mesz eet sast cat",
        3: "eest msk ast_arabia eat trt",
        4: "msd gst samt",
        5: "pkt yekt",
        5.5: "ist",
        6: "omst almt",
        7: "wib ict krat",
        8: "hkt sgt awst irkt pht myt",
        9: "jst kst yakt",
        9.5: "acst",
        10: "aest vlat",
        10.5: "acdt",
        11: "aedt",
        12: "nzst",
        13: "nzdt",
        -2.5: "ndt",
        -3: "adt brt art",
        -3.5: "nst",
        -4: "ast edt",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst akdt",
        -9: "akst",
        -10: "hst",
    }.items()
    for name in names.split()
}


def month_of(word: str) -> int | None:
    """The month, 1 to 12, that a word in any of the languages names, in full or cut short."""
    key = _plain(word)
    month = _MONTHS.get(key) or _MONTHS.get(key.removeprefix("ב"))  # Hebrew writes "in" before the name
    if month is None and len(key) > 3:
        month = next((_MONTHS[key[:n]] for n in range(len(key) - 1, 2, -1) if key[:n] in _MONTHS), None)
    return month


def zone_of(word: str) -> int | None:
    """Seconds east of Greenwich for a zone's usual name."""
    seconds = ZONES.get(word.lower())
    return None if seconds is None else int(seconds)


def _plain(word: str) -> str:
    """Lower case without accents and dots."""
    decomposed = unicodedata.normalize("NFKD", word.replace("ı", "i").replace("і", "i").replace("İ", "i").lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip(".")


def _table() -> dict[str, int]:
    months: dict[str, int] = {}
    cut: dict[str, set[int]] = {}
    for line in _LANGUAGES.strip().splitlines():
        for number, name in enumerate(map(_plain, line.split()), 1):
            months.setdefault(name, number)
            for length in range(3, len(name)):
                cut.setdefault(name[:length], set()).add(number)
    for short, numbers in cut.items():
        if len(numbers) == 1:
            months.setdefault(short, next(iter(numbers)))
    return months | {"mar": 3, "may": 5, "mai": 5, "jun": 6, "jul": 7, "jui": 7, "sep": 9, "set": 9, "lip": 7, "maj": 5}


_MONTHS = _table()
