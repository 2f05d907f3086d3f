"""Answers in HTML as mail programs write them, reduced to what tells: OWN is the person's, OLD quoted, SIG signed."""

from __future__ import annotations

ADDRESS = "ann@harbour.example"
ANN = f'Ann Berg &lt;<a href="mailto:{ADDRESS}">{ADDRESS}</a>&gt;'
SENTENCE = f"On Mon, Mar 2, 2026 at 5:40 PM {ANN} wrote:"
OLD = "<div>OLD Please restart the printer.</div><div><br></div><div>Ann</div>"
BLOCK = f"""<b>From:</b> Ann Berg &lt;{ADDRESS}&gt;<br><b>Sent:</b> Monday, March 2, 2026 5:40 PM<br>
        <b>To:</b> Mia Holm<br>
<b>Subject:</b> Re: Printer"""
GERMAN = BLOCK.replace("From", "Von").replace("Sent", "Gesendet").replace("To:", "An:").replace("Subject", "Betreff")
GMAIL = f'<div dir="ltr" class="gmail_attr">{SENTENCE}<br></div><blockquote class="gmail_quote" style="margin:0px">'

REPLIES: dict[str, str] = {
    "Gmail": f"""<div dir="ltr">OWN one.</div><br><div class="gmail_quote gmail_quote_container">{GMAIL}{OLD}
        </blockquote></div>""",
    "Gmail with a signature": f"""<div dir="ltr">OWN one.<br clear="all"><br>
        <span class="gmail_signature_prefix">-- </span><br>
        <div class="gmail_signature">SIG</div></div><br><div class="gmail_quote">{GMAIL}{OLD}</blockquote></div>""",
    "Gmail, below": f"""<div class="gmail_quote">{GMAIL}{OLD}</blockquote><div><br></div><div>OWN below.</div>
        </div>""",
    "Outlook for Windows": f"""<div class="WordSection1"><p class="MsoNormal">OWN one.<o:p></o:p></p><div>
        <div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">
        {BLOCK}</p></div></div>
        <p class="MsoNormal">OLD Please restart<o:p></o:p></p></div>""",
    "Outlook on the web": f"""<div class="elementToProof">OWN one.</div><div id="Signature">SIG</div>
        <div id="appendonsend"></div>
        <hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{GERMAN}</div>{OLD}""",
    "new Outlook": f"""<div class="elementToProof">OWN one.</div><div id="mail-editor-reference-message-container">
        <hr>
        <div>{BLOCK}</div>{OLD}</div>""",
    "Outlook for iOS": f"""<div dir="ltr">OWN one.</div>
        <div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/x">SIG</a></div>
        <div class="ms-outlook-mobile-reference-message skipProofing"><div>{BLOCK}</div>{OLD}</div>""",
    "Exchange, prefixed": f"""<div>OWN one.</div><div id="x_appendonsend"></div><div id="x_divRplyFwdMsg">Ann</div>
        {OLD}""",
    "Exchange, stripped": f"""<p>OWN one.</p><p>{GERMAN}</p><p>OLD Please restart</p>""",
    "Outlook for Mac": f"""<div>OWN one.</div><span id="OLK_SRC_BODY_SECTION"><div>{BLOCK}</div>{OLD}</span>""",
    "Outlook 2000": f"""<DIV>OWN one.</DIV><BLOCKQUOTE>
        <DIV class=OutlookMessageHeader>-----Original Message-----<BR>{BLOCK}</DIV>{OLD}
        </BLOCKQUOTE>""",
    "Outlook Express": f"""<DIV>OWN one.</DIV><BLOCKQUOTE style="PADDING-LEFT: 5px; BORDER-LEFT: #000000 2px solid">
        <DIV>----- Original Message ----- </DIV><DIV>{BLOCK}</DIV>{OLD}</BLOCKQUOTE>""",
    "Hotmail": f"""<div>OWN one.<br><hr id="stopSpelling">{BLOCK}<br><br>{OLD}</div>""",
    "Apple Mail": f"""OWN one.<br><div><br><blockquote type="cite"><div>{SENTENCE}</div>{OLD}</blockquote></div>""",
    "iOS": f"""OWN one.<div><br id="lineBreakAtBeginningOfSignature"><div>Sent from my iPhone SIG</div><div><br>
        <blockquote type="cite">
        {SENTENCE}<br><br></blockquote></div><blockquote type="cite"><div>{OLD}</div></blockquote></div>""",
    "Thunderbird": f"""<p>OWN one.</p><div class="moz-cite-prefix">On 02/03/2026 17:40, Ann Berg wrote:<br></div>
        <blockquote type="cite" cite="mid:x@y.example">{OLD}</blockquote><p>OWN below.</p>
        <pre class="moz-signature">-- \nSIG</pre>""",
    "Yahoo": f"""<div>OWN one.</div><div id="yahoo_quoted_87" class="yahoo_quoted"><div><div>{SENTENCE}</div>
        <div id="yiv1">{OLD}</div></div>
        </div>""",
    "Proton": f"""<div>OWN one.</div><div class="protonmail_signature_block">SIG</div><div class="protonmail_quote">
        {SENTENCE}<br>
        <blockquote class="protonmail_quote" type="cite">{OLD}</blockquote></div>""",
    "Samsung": f"""<div>OWN one.</div><div id="composer_signature">Sent from my Galaxy SIG</div><div>
        <div>-------- Original message --------</div>
        <div>From: {ANN} </div><div>Date: 02/03/2026  17:40  (GMT+01:00) </div><div>To: mia </div>
        <div>Subject: Re: x </div></div>{OLD}""",
    "Zimbra": f"""<div>OWN one.</div><div data-marker="__SIG_POST__">SIG</div>
        <hr id="zwchr" data-marker="__DIVIDER__">
        <div data-marker="__HEADERS__">{GERMAN}</div><div data-marker="__QUOTED_TEXT__">{OLD}</div>""",
    "Lotus Notes": f"""<font>OWN one.</font><br><br><font>From: &nbsp; &nbsp;</font><font>Ann Berg/Harbour</font>
        <br><font>To: </font>
        <font>Mia Holm/Quarry@Quarry</font><br><font>Date: &nbsp;</font><font>02.03.2026 17:40</font><br>
        <font>Subject: </font><font>Re: Printer</font><br><hr noshade>{OLD}""",
    "Lotus Notes, in columns": f"""<p>OWN one.</p><table><tr><td><b>{ANN}</b><p>02.03.2026 17:40</p></td><td><table>
        <tr><td>To</td>
        <td>Mia Holm</td></tr><tr><td>cc</td><td></td></tr><tr><td>Subject</td><td>Re: Printer</td></tr></table>
        </td></tr></table>{OLD}""",
    "iNotes": f"""<div>OWN one.</div><font>-----Ann Berg/Harbour wrote: -----</font>
        <div class="iNotesHistory">To: Mia<br>From: Ann<br>{OLD}</div>""",
    "GMX": f"""<div>OWN one.</div><div class="signature">SIG</div>
        <div name="quote" style="border-left:2px solid #C3D9E5"><div>{GERMAN}</div>
        <div name="quoted-content">{OLD}</div></div>""",
    "Mail.ru": f"""<div>OWN one.</div><div data-signature-widget="container">--<br>SIG</div>
        <blockquote style="border-left:1px solid #0857A6">
        Понедельник, 2 марта 2026, 17:40 +03:00 от {ANN}:<br>{OLD}</blockquote>""",
    "Yandex": f"""<div>OWN one.</div><div>02.03.2026, 17:40, "Ann Berg" &lt;{ADDRESS}&gt;:</div><blockquote>{OLD}
        </blockquote>""",
    "QQ": f"""<div>OWN one.</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div><div>
        <b>发件人:</b>&nbsp;"Ann" &lt;{ADDRESS}&gt;;
        </div><div><b>发送时间:</b>&nbsp;2026年3月2日(星期一) 下午5:40</div><div><b>主题:</b>&nbsp;回复：x</div>
        </div>{OLD}""",
    "NetEase": f"""<div>OWN one.</div><p>At 2026-03-02 17:40:00, "Ann" &lt;{ADDRESS}&gt; wrote:</p>
        <blockquote id="isReplyContent">{OLD}</blockquote>""",
    "Foxmail": f"""<div>OWN one.</div><blockquote style="margin-Left: 0.5em">
        <div style="border:none;border-top:solid #B5C4DF 1.0pt">
        <div>{BLOCK}</div></div>{OLD}</blockquote>""",
    "Fastmail": f"""<div>OWN one.</div><div>On Mon, Mar 2, 2026, at 5:40 PM, Ann Berg wrote:<br></div>
        <blockquote type="cite" id="qt">{OLD}</blockquote>""",
    "Spark": f"""<div name="messageBodySection">OWN one.</div><div name="messageSignatureSection">SIG</div>
        <div name="messageReplySection">On 2 Mar 2026 at 17:40 +0100, {ANN}, wrote:<br><blockquote type="cite">{OLD}
        </blockquote></div>""",
    "Airmail": f"""<div>OWN one.</div><div id="bloop_sign_12" class="bloop_sign">SIG</div>
        <p class="airmail_on">On 2 March 2026, Ann ({ADDRESS})
        wrote:</p><blockquote type="cite" class="clean_bq">{OLD}</blockquote>""",
    "eM Client": f"""<div>OWN one.</div><div>------ Original Message ------</div>
        <div>From "Ann" &lt;{ADDRESS}&gt;</div><div>To "Mia"</div>
        <blockquote cite="x@y.example" type="cite" class="cite2">{OLD}</blockquote>""",
    "Roundcube": f"""<p>OWN one.</p><div id="_rc_sig">-- <br>SIG</div>
        <p id="reply-intro">On 2026-03-02 17:40, Ann Berg wrote:</p>
        <blockquote type="cite">{OLD}</blockquote>""",
    "Horde": f"""<p>OWN one.</p><p>Quoting {ANN}:</p><blockquote type="cite">{OLD}</blockquote>""",
    "Open-Xchange": f"""<p>OWN one.</p><p class="io-ox-signature">SIG</p><blockquote type="cite"><div>
        {ANN} hat am 02.03.2026 17:40 CET geschrieben:
        </div>{OLD}</blockquote>""",
    "Orange": f"""<p>OWN one.</p>
        <blockquote style="border-left: 2px solid #ff6600">&gt; Message du 02/03/26 17:40<br>&gt; De : "Ann"
        &lt;{ADDRESS}&gt;
        <br>&gt; A : mia<br>&gt; Objet : Re: x<br>&gt; <br>&gt; OLD Please restart</blockquote>""",
    "AOL": f"""<div>OWN one.<br><br><div>-----Original Message-----<br>{BLOCK}<br><br>{OLD}</div></div>""",
    "GroupWise": f"""<div>OWN one.</div><br><div>&gt;&gt;&gt; Ann Berg 3/2/2026 5:40 PM &gt;&gt;&gt;</div>{OLD}""",
    "Odoo": f"""<div>OWN one.</div><div data-o-mail-quote="1">On Mon, 2 Mar, Ann, &lt;{ADDRESS}&gt; wrote:</div>
        <blockquote data-o-mail-quote="1">{OLD}
        </blockquote>""",
    "Freshdesk": f"""<div>OWN one.</div><div class="freshdesk_quote"><blockquote class="freshdesk_quote">
        {SENTENCE}{OLD}</blockquote></div>""",
    "Front": f"""<div>OWN one.</div><div class="front-signature">SIG</div>
        <blockquote type="cite" class="front-blockquote">{SENTENCE}{OLD}</blockquote>""",
    "FairEmail": f"""<div>OWN one.</div><div fairemail="signature">SIG</div><div fairemail="reference">
        <p>2 March 2026 {ANN}:</p>{OLD}</div>""",
    "BlackBerry": f"""<div>OWN one.</div><table><tr><td id="_persistentHeaderContainer"><div>{BLOCK}</div></td></tr>
        </table>
        <div id="_originalContent">{OLD}</div>""",
    "Zoho": f"""<div>OWN one.</div><div id="Zm-_Id_-Sgn">SIG</div><div class="zmail_extra">
        <div>---- On Mon, 02 Mar 2026 17:40:00 +0100 <b>{ANN}</b>
        wrote ---<br></div><blockquote id="blockquote_zmail">{OLD}</blockquote></div>""",
    "Zendesk": f"""<p>OWN one.</p><div>##- Please type your reply above this line -##</div>{OLD}""",
    "prefixed by Yahoo": f"""<div>OWN one.</div><div class="yiv0123456789gmail_quote">
        <div class="yiv0123456789gmail_attr">kwax Ann</div>
        <blockquote class="yiv0123456789gmail_quote">{OLD}</blockquote></div>""",
    "in an unknown language": f"""<div>OWN one.</div><div class="gmail_quote">
        <div class="gmail_attr">Qux zorg 2026 {ANN} kwax:</div>
        <blockquote class="gmail_quote">{OLD}</blockquote></div>""",
    "without any structure": f"""<div>OWN one.</div><div>{SENTENCE}</div><div>OLD Please restart</div>""",
}

INTERLEAVED: dict[str, str] = {
    "Gmail": f"""<div class="gmail_quote">{GMAIL}<div>KEPT Which floor?</div></blockquote><div>OWN third.</div>
        <blockquote class="gmail_quote"><div>KEPT Which printer?</div></blockquote><div>OWN red.</div>
        <blockquote class="gmail_quote"><div>OLD Regards</div></blockquote></div>""",
    "Thunderbird": """<div class="moz-cite-prefix">Am 02.03.26 um 17:40 schrieb Ann Berg:<br></div>
        <blockquote type="cite"><p>KEPT Which floor?</p></blockquote><p>OWN third.</p>
        <blockquote type="cite"><p>KEPT Which printer?</p></blockquote><p>OWN red.</p>
        <blockquote type="cite"><p>OLD Regards</p></blockquote>""",
}
