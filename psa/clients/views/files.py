"""Clients and contacts as files: all of them out, and in by upload, columns, preview and one button."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, stream_with_context, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as Answer

from psa import clock
from psa.auth.guards import agent_required
from psa.clients import exporting
from psa.clients.importing import columns
from psa.clients.importing.columns import FIELDS
from psa.clients.importing.plan import plan
from psa.clients.importing.planned import Plan, PlannedRow
from psa.clients.importing.reading import MOST_BYTES, Sheet, Unreadable, read
from psa.clients.importing.taking import Overtaken, take
from psa.clients.importing.told import BY_DEFAULT
from psa.clients.models import ClientImport
from psa.clients.views import Page, bp
from psa.extensions import db
from psa.notifications.kinds import TOPICS
from psa.tables import MARK, as_csv

SHOWN = 100
LATEST = 10


@bp.get("/files")
@agent_required
def files() -> str:
    return files_page()


@bp.get("/files/clients-and-contacts.csv")
@agent_required
def export() -> Answer:
    pieces = stream_with_context(exporting.everything())
    return attached(Response(pieces), f"clients-and-contacts-{clock.today().isoformat()}.csv")


@bp.post("/files/imports")
@agent_required
def upload() -> Page:
    """Keep the file until it is imported; nothing else happens yet."""
    file = request.files.get("file")
    content = file.stream.read(MOST_BYTES + 1) if file is not None else b""
    if file is None or not content:
        return files_page("Choose a file first." if file is None or not file.filename else "The file is empty."), 422
    try:
        sheet = read(content)
    except Unreadable as reason:
        return files_page(str(reason)), 422
    found = ClientImport(
        user_id=current_user.id,
        file_name=(file.filename or "")[-255:],
        content=content,
        columns=columns.guess(sheet.headers),
    )
    db.session.add(found)
    db.session.commit()
    return redirect(url_for("clients.look_at_import", import_id=found.id), 303)


@bp.get("/files/imports/<int:import_id>")
@agent_required
def look_at_import(import_id: int) -> str:
    """What each column is and what would become of each row; once it was imported, what became of them."""
    return import_page(import_or_404(import_id))


@bp.post("/files/imports/<int:import_id>/columns")
@agent_required
def choose_columns(import_id: int) -> Answer:
    found = import_or_404(import_id)
    if found.imported_at is not None:
        # Of a file that was imported nothing is left to choose from.
        return redirect(url_for("clients.look_at_import", import_id=found.id), 303)
    found.columns = columns.checked(request.form.getlist("column"), len(read(found.content).headers))
    db.session.commit()
    return redirect(url_for("clients.look_at_import", import_id=found.id, _anchor="preview"), 303)


@bp.post("/files/imports/<int:import_id>/taking")
@agent_required
def take_import(import_id: int) -> Answer:
    """All that can be taken, in one go; ``told`` are the topics that new contacts are told of."""
    found, told = import_or_404(import_id), set(request.form.getlist("told")) & set(TOPICS)
    if found.imported_at is None:
        try:
            take(found, plan(read(found.content), found.columns), told)
            # What was in it is in the database now; what was not is in the list.
            found.content = b""
            db.session.commit()
        except Overtaken:
            db.session.rollback()
            flash("Somebody has entered one of them just now. Look at the preview again.")
    return redirect(url_for("clients.look_at_import", import_id=import_id), 303)


@bp.post("/files/imports/<int:import_id>/removal")
@agent_required
def drop_import(import_id: int) -> Answer:
    """Forget the file. What was imported stays."""
    db.session.delete(import_or_404(import_id))
    db.session.commit()
    flash("The file is forgotten.")
    return redirect(url_for("clients.files"), 303)


@bp.get("/files/imports/<int:import_id>/left.csv")
@agent_required
def left_of_import(import_id: int) -> Answer:
    """The rows of which something could not be taken, each with the line it stood on and the reason."""
    found = import_or_404(import_id)
    return attached(make_response(MARK + as_csv([["Line", "Reason"], *found.left])), f"not-imported-{import_id}.csv")


def attached(response: Response, name: str) -> Response:
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def import_or_404(import_id: int) -> ClientImport:
    return db.get_or_404(ClientImport, import_id)


def files_page(refused: str = "") -> str:
    latest = db.select(ClientImport).order_by(ClientImport.id.desc()).limit(LATEST)
    return render_template("clients/files.html", imports=db.session.scalars(latest).all(), refused=refused)


def import_page(found: ClientImport) -> str:
    if found.imported_at is not None:
        return render_template("clients/imported.html", found=found, left=found.left[:SHOWN])
    sheet = read(found.content)
    planned = plan(sheet, found.columns)
    return render_template(
        "clients/import.html",
        found=found,
        sheet=sheet,
        samples=samples_of(sheet),
        fields=FIELDS,
        topics=TOPICS,
        told=BY_DEFAULT,
        planned=planned,
        shown=shown_of(planned),
        most=SHOWN,
    )


def samples_of(sheet: Sheet) -> list[str]:
    """For each column something that stands in it."""
    return [
        next((cells[place][:60] for _, cells in sheet.rows[:200] if cells[place]), "")
        for place in range(len(sheet.headers))
    ]


def shown_of(planned: Plan) -> dict[str, list[PlannedRow]]:
    """The first rows of each kind; what is not taken comes first."""
    whole = [row for row in planned.rows if not row.reasons]
    plainly = [row for row in whole if row.same_as is None and not row.oddities]
    kinds = {
        "What cannot be taken, or only in part": planned.left,
        "Taken, but look twice": [row for row in whole if row.oddities],
        "More than once in the file": [row for row in whole if row.same_as is not None and not row.oddities],
        "New": [row for row in plainly if row.state == "new"],
        "Changed": [row for row in plainly if row.state == "updated"],
    }
    return {title: rows[:SHOWN] for title, rows in kinds.items() if rows}
