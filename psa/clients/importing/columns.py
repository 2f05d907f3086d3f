"""What the columns of a file are: the fields they can fill, and which one a header means."""

from __future__ import annotations

from collections.abc import Sequence

from psa.words import fold

# In the order of our own export; each with the words by which other programs call it, folded.
FIELDS = {
    "client": "Client",
    "domains": "Mail domains",
    "notes": "Notes",
    "billing_address": "Billing address",
    "tax_id": "Tax id",
    "currency": "Currency",
    "payment_days": "Days to pay",
    "contact": "Contact",
    "first_name": "Contact’s first name",
    "last_name": "Contact’s last name",
    "email": "Addresses",
    "role": "Role",
    "phone": "Phone",
    "told": "They are told of",
}
EXPORTED = tuple(name for name in FIELDS if name not in ("first_name", "last_name"))
NAMES = {
    "client": "client company companyname firma firmenname kunde kundenname organisation organization account "
    "accountname customer customername societe entreprise empresa azienda",
    "domains": "domain domains maildomain maildomains emaildomain website web webseite homepage domaene domane",
    "notes": "notes note notizen notiz comment comments bemerkung bemerkungen description remarques",
    "billing_address": "billingaddress address adresse anschrift rechnungsadresse rechnungsanschrift street strasse",
    "tax_id": "taxid vat vatid vatnumber ustid ustidnr uid steuernummer siret taxnumber",
    "currency": "currency wahrung waehrung devise moneda valuta",
    "payment_days": "daystopay paymentdays paymentterms zahlungsziel terms netdays",
    "contact": "contact contactname name fullname displayname ansprechpartner kontakt person nom",
    "first_name": "contactsfirstname firstname givenname vorname prenom nombre",
    "last_name": "contactslastname lastname surname familyname nachname familienname",
    "email": "addresses email emails emailaddress emailaddresses emailadresse mail mailaddress courriel correo "
    "email1value primaryemail",
    "role": "role title jobtitle position funktion rolle fonction cargo",
    "phone": "phone telephone phonenumber tel telefon telefonnummer businessphone mobile mobil phone1value",
    "told": "theyaretoldof toldof told notifications notify benachrichtigungen",
}
BY_NAME = {word: field for field, said in NAMES.items() for word in said.split()}


def guess(headers: Sequence[str]) -> list[str]:
    """A field for each column, "" where the header means none; no field twice."""
    found: list[str] = []
    for header in headers:
        field = BY_NAME.get(fold(header).replace(" ", ""), "")
        found.append("" if field in found else field)
    if "client" not in found and "contact" in found and "email" not in found:
        # A list of firms alone: what is called name there is theirs.
        found[found.index("contact")] = "client"
    return found


def checked(wanted: Sequence[str], number: int) -> list[str]:
    """What somebody has chosen, one for each of ``number`` columns; a field that comes again is left out."""
    found: list[str] = []
    for field in (*wanted, *([""] * number))[:number]:
        found.append(field if field in FIELDS and field not in found else "")
    return found
