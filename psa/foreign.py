"""Mail and files on our pages, under a policy of their own: nothing of them runs, and nothing reaches elsewhere.

Except pictures over https: in received mail where the reader asks for them, and in mail of ours, which is shown as it
leaves. Our own wordings have none, but a firm may have put one into its templates.
"""

from __future__ import annotations

import base64
from io import BytesIO

from flask import Response, make_response, render_template, send_file

from psa.mail.outbound.compose import Content

# No script, no form, no frame, nothing from elsewhere but such pictures. It keeps our origin, because without it the
# sign-in would not reach the images that we serve to it; without allow-scripts that gives it nothing.
MAIL_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "img-src 'self' data:{}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
FILE_POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
# What browsers draw without running anything. SVG is not among them.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def show_mail(html: str | None, text: str, *, held_back: bool = False, remote_images: bool = False) -> Response:
    """Sanitised HTML (or ``text`` where there is none) for a frame. ``held_back``: images were left out."""
    response = make_response(render_template("tickets/mail_body.html", html=html, text=text, held_back=held_back))
    response.headers["Content-Security-Policy"] = MAIL_POLICY.format(" https:" if remote_images else "")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def as_page(mail: Content) -> str:
    """Mail of ours as a whole document; the pictures that travel with it stand in their places."""
    page = mail.html or render_template("mail/templates/text_only.html")
    for picture in mail.pictures:
        data = base64.b64encode(picture.data).decode()
        page = page.replace(f"cid:{picture.content_id}", f"data:{picture.type};base64,{data}")
    return page


def framed(page: str) -> Response:
    """Mail of ours in a frame, as it would leave. Pictures from elsewhere are shown, as recipients' programs may."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = MAIL_POLICY.format(" https:")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def hand_out(data: bytes, *, name: str, media_type: str, digest: str) -> Response:
    """A file: pictures are shown, everything else is downloaded."""
    is_picture = media_type in PICTURES
    response = send_file(
        BytesIO(data),
        mimetype=media_type if is_picture else "application/octet-stream",
        as_attachment=not is_picture,
        download_name=name,
        etag=digest,
        max_age=3600,
    )
    response.cache_control.private = True
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
