"""The names of months and weekdays in the languages that mail is written in: full, inflected and short, in lower
case and without dots. A slash parts the forms of one name.
"""

from __future__ import annotations

MONTHS: dict[str, str] = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct"
    " november/nov december/dec",
    "de": "januar/jänner/jan/jän februar/feber/feb märz/maerz/mär/mrz april/apr mai juni/jun juli/jul august/aug"
    " september/sept/sep oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv/jan février/fevrier/févr/fevr/fév mars avril/avr mai juin juillet/juil août/aout"
    " septembre/sept octobre/oct novembre/nov décembre/decembre/déc/dec",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago"
    " septiembre/setiembre/sept/sep/set octubre/oct noviembre/nov diciembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set"
    " outubro/out novembro/nov dezembro/dez",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett"
    " ottobre/ott novembre/nov dicembre/dic",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep oktober/okt"
    " november/nov december/dec",
    "af": "januarie/jan februarie/feb maart/mrt april/apr mei junie/jun julie/jul augustus/aug"
    " september/sep oktober/okt november/nov desember/des",
    "sv": "januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept oktober/okt"
    " november/nov december/dec",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep/sept oktober/okt"
    " november/nov december/dec",
    "nb": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep/sept oktober/okt"
    " november/nov desember/des",
    "is": "janúar/jan febrúar/feb mars/mar apríl/apr maí júní/jún júlí/júl ágúst/ágú september/sep/sept október/okt"
    " nóvember/nóv desember/des",
    "fi": "tammikuuta/tammikuu/tammik/tammi helmikuuta/helmikuu/helmik/helmi"
    " maaliskuuta/maaliskuu/maalisk/maalis huhtikuuta/huhtikuu/huhtik/huhti"
    " toukokuuta/toukokuu/toukok/touko kesäkuuta/kesäkuu/kesäk/kesä heinäkuuta/heinäkuu/heinäk/heinä"
    " elokuuta/elokuu/elok/elo syyskuuta/syyskuu/syysk/syys lokakuuta/lokakuu/lokak/loka"
    " marraskuuta/marraskuu/marrask/marras joulukuuta/joulukuu/jouluk/joulu",
    "et": "jaanuar/jaan veebruar/veebr märts aprill/apr mai juuni juuli august/aug september/sept oktoober/okt"
    " november/nov detsember/dets",
    "lv": "janvāris/janvārī/janv februāris/februārī/febr marts/martā aprīlis/aprīlī/apr maijs/maijā jūnijs/jūnijā/jūn"
    " jūlijs/jūlijā/jūl augusts/augustā/aug septembris/septembrī/sept oktobris/oktobrī/okt novembris/novembrī/nov"
    " decembris/decembrī/dec",
    "lt": "sausio/sausis/saus vasario/vasaris/vas kovo/kovas/kov balandžio/balandis/bal gegužės/gegužė/geg"
    " birželio/birželis/birž liepos/liepa/liep rugpjūčio/rugpjūtis/rugp rugsėjo/rugsėjis/rugs spalio/spalis/spal"
    " lapkričio/lapkritis/lapkr gruodžio/gruodis/gruod",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze"
    " lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis"
    " grudnia/grudzień/gru",
    "cs": "ledna/leden/led února/únor/úno března/březen/bře dubna/duben/dub května/květen/kvě června/červen/čvn"
    " července/červenec/čvc srpna/srpen/srp září/zář října/říjen/říj listopadu/listopad/lis prosince/prosinec/pro",
    "sk": "januára/január/jan februára/február/feb marca/marec/mar apríla/apríl/apr mája/máj júna/jún júla/júl"
    " augusta/august/aug septembra/september/sep októbra/október/okt novembra/november/nov decembra/december/dec",
    "hu": "január/jan február/febr/feb március/márc/már április/ápr május/máj június/jún július/júl augusztus/aug"
    " szeptember/szept/sze október/okt november/nov december/dec",
    "ro": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept/sep"
    " octombrie/oct noiembrie/nov/noi decembrie/dec",
    "hr": "siječnja/siječanj/sij veljače/veljača/velj/vlj ožujka/ožujak/ožu travnja/travanj/tra svibnja/svibanj/svi"
    " lipnja/lipanj/lip srpnja/srpanj/srp kolovoza/kolovoz/kol rujna/rujan/ruj listopada/listopad/lis"
    " studenoga/studenoga/studeni/stu prosinca/prosinac/pro",
    "sl": "januar/januarja/jan februar/februarja/feb marec/marca/mar april/aprila/apr maj/maja junij/junija/jun"
    " julij/julija/jul avgust/avgusta/avg september/septembra/sep oktober/oktobra/okt november/novembra/nov"
    " december/decembra/dec",
    "sr": "jануар/јануар/јан/januar фебруар/феб/februar март/мар/mart април/апр мај/maj јун/јуни/jun јул/јули/jul"
    " август/авг/avgust септембар/сеп/septembar октобар/окт/oktobar новембар/нов/novembar децембар/дец/decembar",
    "bg": "януари/яну февруари/фев март/мар април/апр май юни юли август/авг септември/сеп октомври/окт ноември/ное"
    " декември/дек",
    "mk": "јануари/јан февруари/фев март/мар април/апр мај јуни/јун јули/јул август/авг септември/септ октомври/окт"
    " ноември/ноем декември/дек",
    "ru": "января/январь/янв февраля/февраль/февр/фев марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн"
    " июля/июль/июл августа/август/авг сентября/сентябрь/сент/сен октября/октябрь/окт ноября/ноябрь/нояб/ноя"
    " декабря/декабрь/дек",
    "uk": "січня/січень/січ лютого/лютий/лют березня/березень/бер квітня/квітень/квіт/кві травня/травень/трав/тра"
    " червня/червень/черв/чер липня/липень/лип серпня/серпень/серп/сер вересня/вересень/вер жовтня/жовтень/жовт/жов"
    " листопада/листопад/лист/лис грудня/грудень/груд/гру",
    "be": "студзеня/студзень/сту лютага/люты/лют сакавіка/сакавік/сак красавіка/красавік/кра траўня/мая/май"
    " чэрвеня/чэрвень/чэр ліпеня/ліпень/ліп жніўня/жнівень/жні верасня/верасень/вер кастрычніка/кастрычнік/кас"
    " лістапада/лістапад/ліс снежня/снежань/сне",
    "el": "ιανουαρίου/ιανουάριος/ιαν φεβρουαρίου/φεβρουάριος/φεβ μαρτίου/μάρτιος/μαρ/μάρ απριλίου/απρίλιος/απρ"
    " μαΐου/μαίου/μάιος/μαΐ/μαϊ ιουνίου/ιούνιος/ιουν/ιούν ιουλίου/ιούλιος/ιουλ/ιούλ αυγούστου/αύγουστος/αυγ/αύγ"
    " σεπτεμβρίου/σεπτέμβριος/σεπ οκτωβρίου/οκτώβριος/οκτ νοεμβρίου/νοέμβριος/νοε/νοέ δεκεμβρίου/δεκέμβριος/δεκ",
    "tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki"
    " kasım/kas aralık/ara",
    "sq": "janar/jan shkurt/shk mars/mar prill/pri maj qershor/qer korrik/korr gusht/gush shtator/sht tetor/tet"
    " nëntor/nën dhjetor/dhj",
    "ca": "gener/gen/gen febrer/febr/feb març/març/mar abril/abr maig juny juliol/jul agost/ag setembre/set/set"
    " octubre/oct novembre/nov desembre/des",
    "eu": "urtarrila/urtarrilak/urt otsaila/otsailak/ots martxoa/martxoak/mar apirila/apirilak/api"
    " maiatza/maiatzak/mai ekaina/ekainak/eka uztaila/uztailak/uzt abuztua/abuztuak/abu"
    " iraila/irailak/ira urria/urriak/urr azaroa/azaroak/aza abendua/abenduak/abe",
    "gl": "xaneiro/xan febreiro/feb marzo/mar abril/abr maio/mai xuño/xuñ xullo/xul agosto/ago setembro/set outubro/out"
    " novembro/nov decembro/dec",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/ags/agt september/sep"
    " oktober/okt november/nov desember/des",
    "ms": "januari/jan februari/feb mac april/apr mei jun julai/jul ogos/ogo september/sep oktober/okt november/nov"
    " disember/dis",
    "he": "ינואר/בינואר/ינו פברואר/בפברואר/פבר מרץ/במרץ/מרס/במרס אפריל/באפריל/אפר מאי/במאי יוני/ביוני/יונ"
    " יולי/ביולי/יול אוגוסט/באוגוסט/אוג ספטמבר/בספטמבר/ספט אוקטובר/באוקטובר/אוק נובמבר/בנובמבר/נוב דצמבר/בדצמבר/דצמ",
    "ar": "يناير/كانون-الثاني فبراير/شباط مارس/آذار أبريل/إبريل/ابريل/نيسان مايو/أيار يونيو/حزيران يوليو/تموز"
    " أغسطس/اغسطس/آب سبتمبر/أيلول أكتوبر/اكتوبر/تشرين-الأول نوفمبر/تشرين-الثاني ديسمبر/كانون-الأول",
    "fa": "ژانویهٔ/ژانویه فوریهٔ/فوریه مارس آوریل مهٔ/مه/می ژوئن ژوئیهٔ/ژوئیه/جولای اوت/آگوست سپتامبر اکتبر نوامبر دسامبر",
    "hi": "जनवरी/जन फ़रवरी/फरवरी/फ़र मार्च अप्रैल/अप्रै मई जून जुलाई/जुल अगस्त/अग सितंबर/सितम्बर/सित अक्टूबर/अक्तूबर/अक्टू"
    " नवंबर/नवम्बर/नव दिसंबर/दिसम्बर/दिस",
    "bn": "জানুয়ারি/জানু/জানুয়ারী ফেব্রুয়ারি/ফেব/ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর/সেপ অক্টোবর নভেম্বর/নভে ডিসেম্বর/ডিসে",
    "th": "มกราคม/ม.ค กุมภาพันธ์/ก.พ มีนาคม/มี.ค เมษายน/เม.ย พฤษภาคม/พ.ค มิถุนายน/มิ.ย กรกฎาคม/ก.ค สิงหาคม/ส.ค"
    " กันยายน/ก.ย ตุลาคม/ต.ค พฤศจิกายน/พ.ย ธันวาคม/ธ.ค",
    "ka": "იანვარი/იანვ/იან თებერვალი/თებ მარტი/მარ აპრილი/აპრ მაისი/მაი ივნისი/ივნ ივლისი/ივლ აგვისტო/აგვ"
    " სექტემბერი/სექ ოქტომბერი/ოქტ ნოემბერი/ნოე დეკემბერი/დეკ",
}

WEEKDAYS: dict[str, str] = {
    "en": "monday/mon tuesday/tues/tue wednesday/wed thursday/thurs/thu friday/fri saturday/sat sunday/sun",
    "de": "montag/mo dienstag/di mittwoch/mi donnerstag/do freitag/fr samstag/sonnabend/sa sonntag/so",
    "fr": "lundi/lun mardi/mar mercredi/mer jeudi/jeu vendredi/ven samedi/sam dimanche/dim",
    "es": "lunes/lun martes/mar miércoles/miercoles/mié/mie jueves/jue viernes/vie sábado/sabado/sáb/sab domingo/dom",
    "pt": "segunda-feira/segunda/seg terça-feira/terça/ter quarta-feira/quarta/qua quinta-feira/quinta/qui"
    " sexta-feira/sexta/sex sábado/sáb domingo/dom",
    "it": "lunedì/lunedi/lun martedì/martedi/mar mercoledì/mercoledi/mer giovedì/giovedi/gio venerdì/venerdi/ven"
    " sabato/sab domenica/dom",
    "nl": "maandag/ma dinsdag/di woensdag/wo donderdag/do vrijdag/vr zaterdag/za zondag/zo",
    "af": "maandag/ma dinsdag/di woensdag/wo donderdag/do vrydag/vr saterdag/sa sondag/so",
    "sv": "måndag/mån tisdag/tis/tisd onsdag/ons torsdag/tors/tor fredag/fre lördag/lör söndag/sön",
    "da": "mandag/man tirsdag/tir/tirs onsdag/ons torsdag/tor/tors fredag/fre lørdag/lør søndag/søn",
    "nb": "mandag/man tirsdag/tir/tirs onsdag/ons torsdag/tor/tors fredag/fre lørdag/lør søndag/søn",
    "is": "mánudagur/mánudaginn/mán þriðjudagur/þriðjudaginn/þri miðvikudagur/miðvikudaginn/mið"
    " fimmtudagur/fimmtudaginn/fim föstudagur/föstudaginn/fös laugardagur/laugardaginn/lau sunnudagur/sunnudaginn/sun",
    "fi": "maanantai/maanantaina/ma tiistai/tiistaina/ti keskiviikko/keskiviikkona/ke torstai/torstaina/to"
    " perjantai/perjantaina/pe lauantai/lauantaina/la sunnuntai/sunnuntaina/su",
    "et": "esmaspäev/e teisipäev/t kolmapäev/k neljapäev/n reede/r laupäev/l pühapäev/p",
    "lv": "pirmdiena/pirmdien/pirmd/p otrdiena/otrdien/otrd/o trešdiena/trešdien/trešd/t"
    " ceturtdiena/ceturtdien/ceturtd/c piektdiena/piektdien/piektd/pk sestdiena/sestdien/sestd/s"
    " svētdiena/svētdien/svētd/sv",
    "lt": "pirmadienis/pirmadienį/pr antradienis/antradienį/an trečiadienis/trečiadienį/tr"
    " ketvirtadienis/ketvirtadienį/kt penktadienis/penktadienį/pn šeštadienis/šeštadienį/št"
    " sekmadienis/sekmadienį/sk",
    "pl": "poniedziałek/pon/pn wtorek/wt środa/środę/śr czwartek/czw/cz piątek/pt sobota/sobotę/sob/so"
    " niedziela/niedzielę/niedz/ndz/nd",
    "cs": "pondělí/po úterý/út středa/středu/st čtvrtek/čt pátek/pá sobota/sobotu/so neděle/neděli/ne",
    "sk": "pondelok/po utorok/ut streda/stredu/st štvrtok/št piatok/pi sobota/sobotu/so nedeľa/nedeľu/ne",
    "hu": "hétfő/h kedd/k szerda/sze csütörtök/cs péntek/p szombat/szo vasárnap/v",
    "ro": "luni/lun/lu marți/marţi/mar/ma miercuri/mie/mi joi/jo vineri/vin/vi sâmbătă/sâm/sâ duminică/dum/du",
    "hr": "ponedjeljak/ponedeljak/pon utorak/uto srijeda/srijedu/sreda/sredu/sri/sre četvrtak/čet"
    " petak/pet subota/subotu/sub nedjelja/nedjelju/nedelja/nedelju/ned",
    "sl": "ponedeljek/pon torek/tor sreda/sredo/sre četrtek/čet petek/pet sobota/soboto/sob nedelja/nedeljo/ned",
    "sr": "понедељак/пон уторак/уто среда/среду/сре четвртак/чет петак/пет субота/суботу/суб недеља/недељу/нед",
    "bg": "понеделник/пн вторник/вт сряда/ср четвъртък/чт петък/пт събота/сб неделя/нд",
    "mk": "понеделник/пон вторник/вто среда/сре четврток/чет петок/пет сабота/саб недела/нед",
    "ru": "понедельник/пн вторник/вт среда/среду/ср четверг/чт пятница/пятницу/пт суббота/субботу/сб воскресенье/вс",
    "uk": "понеділок/пн вівторок/вт середа/середу/ср четвер/чт п'ятниця/п'ятницю/п’ятниця/пт"
    " субота/суботу/сб неділя/неділю/нд",
    "be": "панядзелак/пн аўторак/аў серада/ср чацвер/чц пятніца/пт субота/сб нядзеля/нд",
    "el": "δευτέρα/δευ τρίτη/τρί/τρι τετάρτη/τετ πέμπτη/πέμ/πεμ παρασκευή/παρ σάββατο/σάβ/σαβ κυριακή/κυρ",
    "tr": "pazartesi/pzt salı/sal çarşamba/çar perşembe/per cuma/cum cumartesi/cmt pazar/paz",
    "sq": "hënë/hën martë/mar mërkurë/mër enjte/enj premte/pre shtunë/sht diel/die",
    "ca": "dilluns/dl dimarts/dt dimecres/dc dijous/dj divendres/dv dissabte/ds diumenge/dg",
    "eu": "astelehena/al asteartea/ar asteazkena/az osteguna/og ostirala/or larunbata/lr igandea/ig",
    "gl": "luns/lun martes/mar mércores/mér xoves/xov venres/ven sábado/sáb domingo/dom",
    "id": "senin/sen selasa/sel rabu/rab kamis/kam jumat/jum'at/jum sabtu/sab minggu/min",
    "ms": "isnin/isn selasa/sel rabu/rab khamis/kha jumaat/jum sabtu/sab ahad/ahd",
    "vi": "thứ/th hai ba tư năm sáu cn",
    "he": "יום ב׳/ב'/שני ג׳/ג'/שלישי ד׳/ד'/רביעי ה׳/ה'/חמישי ו׳/ו'/שישי ש׳/ש'/שבת",
    "ar": "الاثنين/الإثنين/اثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "fa": "دوشنبه سه‌شنبه/سه شنبه چهارشنبه پنجشنبه/پنج‌شنبه جمعه یکشنبه",
    "hi": "सोमवार/सोम मंगलवार/मंगल बुधवार/बुध गुरुवार/गुरु शुक्रवार/शुक्र शनिवार/शनि रविवार/रवि",
    "bn": "সোমবার/সোম মঙ্গলবার/মঙ্গল বুধবার/বুধ বৃহস্পতিবার/বৃহস্পতি শুক্রবার/শুক্র শনিবার/শনি রবিবার/রবি",
    "th": "จันทร์/จ อังคาร/อ พุธ/พ พฤหัสบดี/พฤ ศุกร์/ศ เสาร์/ส อาทิตย์/อา",
    "ka": "ორშაბათი/ორშ სამშაბათი/სამ ოთხშაბათი/ოთხ ხუთშაბათი/ხუთ პარასკევი/პარ შაბათი/შაბ კვირა/კვი",
}


def _by_word(table: dict[str, str]) -> dict[str, frozenset[int]]:
    """{"mar": {3}, "lis": {10, 11}, …}: which numbers a word may stand for."""
    found: dict[str, set[int]] = {}
    for names in table.values():
        for number, forms in enumerate(names.split(), 1):
            for form in forms.split("/"):
                found.setdefault(form, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


MONTH_NUMBERS = _by_word(MONTHS)
CALENDAR_WORDS = frozenset(MONTH_NUMBERS) | frozenset(_by_word(WEEKDAYS))
