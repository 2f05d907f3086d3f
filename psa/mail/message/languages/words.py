"""The small words that a language cannot do without, and letters that few others write.

A word that several languages share counts for each of them, but less. Those of letters are the ones in mail as well.
"""

from __future__ import annotations

LATIN = {
    "en": """
        the and you for with that this have from are was will would could please thanks thank your our not can
        we is it of be been has but they what when which there any or if as my me to in on at by do does hello
        regards
    """,
    "de": """
        der die das und ist nicht ich sie wir mit für auf ein eine einen dem den von zu im bei auch aber wenn
        noch nach über mir uns ihre ihr bitte danke haben hat sind wird kann können wurde vielen dank grüße
        guten hallo es als wie
    """,
    "fr": """
        le la les des et est une un pour dans que qui pas vous nous je ne sur avec votre notre merci bonjour
        cordialement du au aux ce cette sont être avoir plus mais ou où si il elle par mon ma mes depuis fait
        très
    """,
    "es": """
        el la los las de que y en un una por con para no se su es está como más pero al lo muchas gracias hola
        saludos usted nos mi me le ha han son desde muy también cuando tenemos hay del este esta otra otro otras
        vez antes favor qué puede tengo necesito
    """,
    "pt": """
        o a os as de que e em um uma por com para não se do da dos das no na ao mais mas como está obrigado
        obrigada olá você nos meu minha são foi desde muito também quando temos há isso este esta outra outro
        vez antes favor pode tenho preciso bom dia atenciosamente cumprimentos
    """,
    "it": """
        il lo la gli le di che e un una per con non si è sono del della dei delle nel al alla più ma come anche
        grazie buongiorno saluti cordiali nostro vostro mi ci ho ha abbiamo questo questa quando molto da dal
    """,
    "ca": """
        el la els les de que i en un una per amb no es és són del dels al als més però com està gràcies hola
        salutacions nosaltres meu meva hem ha han des molt també quan aquest aquesta tenim hi ho
    """,
    "ro": """
        și în de la cu pe un o nu este sunt că pentru din care mai dar ce am ai a au fost va vă rog mulțumesc
        bună ziua salut noi nostru noastră acest această când foarte sau după până
    """,
    "nl": """
        de het een en van is niet ik wij we met voor op dat die aan bij ook maar als nog naar over mij ons uw
        jullie graag bedankt dank hebben heeft zijn wordt kan kunnen werd groeten vriendelijke goedemorgen er te
        in dit deze
    """,
    "sv": """
        och att det är inte jag vi med för på en ett som av till från har kan om men ni oss mig min er tack hej
        hälsningar vänliga den de när efter också skulle mycket någon hur nu får vara
    """,
    "da": """
        og at det er ikke jeg vi med for på en et som af til fra har kan om men os mig min jer tak hej hilsen
        venlig den de når efter også skulle meget nogen hvordan nu får være hvad kunne blive mvh
    """,
    "no": """
        og at det er ikke jeg vi med for på en et som av til fra har kan om men oss meg min dere takk hei hilsen
        vennlig den de når etter også skulle mye noen hvordan nå får være hva kunne bli mvh
    """,
    "fi": """
        ja on ei että se en me te hän olen ovat oli voi mutta kun jos niin myös tai kanssa meidän teidän kiitos
        hei terveisin ystävällisin tämä nyt sekä joka mitä vielä ole minun jo kuin olemme voitte
    """,
    "et": """
        ja on ei et see ma me te oli kui aga ka või meie teie palun tänan tere lugupidamisega tervitades see
        nüüd mis kes ning oleme olen saab veel juba selle pole kas ole meil
    """,
    "lv": """
        un ir nav ka es mēs jūs ar par uz no kas bet vai arī lūdzu paldies labdien cieņu mūsu jūsu šo tas tā kad
        ja tikai vēl bija var mums jau līdz pēc
    """,
    "lt": """
        ir yra nėra kad aš mes jūs su apie į iš kas bet ar taip pat prašau ačiū laba diena pagarbiai mūsų jūsų
        šis tai kai jei tik dar buvo gali mums jau iki po nuo
    """,
    "pl": """
        i w na nie się jest że do z za o to jak ale czy przez dla po od tym jestem są był było będzie proszę
        dziękuję dzień dobry pozdrawiam pozdrowieniami nasz nasza mam mamy oraz już tylko może bardzo
    """,
    "cs": """
        a v na je se že do z za o to jak ale pro po od s jsem jsme jsou byl bylo bude prosím děkuji děkujeme
        dobrý den pozdravem náš naše mám máme nebo už jen může velmi který která při ještě
    """,
    "sk": """
        a v na je sa že do z za o to ako ale pre po od s som sme sú bol bolo bude prosím ďakujem ďakujeme dobrý
        deň pozdravom náš naše mám máme alebo už len môže veľmi ktorý ktorá pri ešte
    """,
    "sl": """
        in v na je se da do z za o to kot ali po od s sem smo so bil bilo bo prosim hvala dober dan pozdravi lep
        naš naše imam imamo tudi že le lahko zelo ki pri še ne kako vam
    """,
    "hr": """
        i u na je se da do s za o to kao ali po od sam smo su bio bilo će molim hvala dobar dan pozdrav lijep
        naš naše imam imamo također već samo može vrlo koji koja pri još ne kako vam nije
    """,
    "hu": """
        a az és egy nem hogy is van volt ez meg de ha csak már még vagy mint kérem kérjük köszönöm köszönjük jó
        napot üdvözlettel szia tisztelettel nekem nekünk ezt azt lehet kell nagyon után
    """,
    "tr": """
        ve bir bu için ile de da ne çok var yok değil ben biz siz olarak daha ama gibi kadar lütfen teşekkürler
        teşekkür ederim merhaba saygılarımla selamlar bizim sizin şey sonra olan mi mı ediyor
    """,
    "id": """
        dan yang di ke dari untuk dengan tidak ini itu saya kami anda adalah pada akan sudah bisa ada juga atau
        karena mohon terima kasih selamat pagi hormat salam telah oleh belum kepada silakan
    """,
    "vi": """
        và của là không có tôi chúng các cho với được này đã một những trong khi xin cảm ơn chào trân trọng anh
        chị để về từ nhưng rất cũng bị vui lòng hãy
    """,
}
CYRILLIC = {
    "ru": """
        и в не на что я с это как по но мы вы из у за от к для о же или если уже еще ещё был была есть при чтобы
        пожалуйста спасибо здравствуйте добрый день уважением нас вас наш очень когда может
    """,
    "uk": """
        і в не на що я з це як по але ми ви із у за від до для про та або якщо вже ще був була є при щоб будь
        ласка дякую вітаю добрий день повагою нас вас наш дуже коли може
    """,
    "be": """
        і ў не на што я з гэта як па але мы вы у за ад да для пра ці або калі ужо яшчэ быў была ёсць каб калі
        ласка дзякуй вітаю добры дзень павагай нас вас наш вельмі можа
    """,
    "bg": """
        и в не на че аз с това как по но ние вие от за до със се или ако вече още беше има при да моля благодаря
        здравейте добър ден уважение поздрави ни ви нашият много когато може са сме е
    """,
    "sr": """
        и у не на да ја са то као по али ми ви из за од до се или ако већ још био била је при молим хвала здраво
        добар дан поздрав нас вас наш веома када може су смо није
    """,
    "mk": """
        и во не на дека јас со тоа како по но ние вие од за до се или ако веќе уште беше има при да ве молам
        благодарам здраво добар ден поздрав нас вас нашиот многу кога може се сме е
    """,
}
ARABIC = {
    "ar": """
        في من على إلى أن هذا هذه التي الذي مع لا ما كان لم هل نحن أنا شكرا مرحبا تحية عن أو ثم بعد قد هو هي يرجى
        لدينا السلام عليكم
    """,
    "fa": """
        در از به که این را با است برای آن ما شما می هم یا تا بر سلام متشکرم لطفا ممنون احترام خود شد شده نیست
        هست کنید کرد بود است
    """,
    "ur": """
        میں کی کے ہے کا کو سے اور نے پر یہ ہیں کہ ہم آپ نہیں بھی کر تھا تھی شکریہ براہ کرم السلام لیے گیا ہو ایک
    """,
}
DEVANAGARI = {
    "hi": """
        है में के की का और को से पर यह हम आप नहीं भी कर था थी हैं ने कृपया धन्यवाद नमस्ते लिए एक हो कि जो गया
    """,
}
# By language: letters that it writes and few others do.
LETTERS = {
    "de": "ßäöü",
    "fr": "œçêèàùû",
    "es": "ñ¿¡",
    "pt": "ãõçâê",
    "it": "ìòàèù",
    "ca": "ŀçòà",
    "ro": "ășțâşţ",
    "sv": "åäö",
    "da": "æøå",
    "no": "æøå",
    "fi": "äö",
    "et": "õäöü",
    "lv": "āēīūģķļņ",
    "lt": "ąęėįųū",
    "pl": "łąęśćźżńó",
    "cs": "řěůčšž",
    "sk": "ľĺŕôčšž",
    "sl": "čšž",
    "hr": "đčćšž",
    "hu": "őűöüéá",
    "tr": "ğışçöü",
    "vi": "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "ru": "ыэё",
    "uk": "іїєґ",
    "be": "ўыі",
    "bg": "ъ",
    "sr": "ђћџљњј",
    "mk": "ѓќѕљњј",
    "fa": "پچژگک",
    "ur": "ٹڈڑےہھں",
    "ar": "ةىيك",
}
