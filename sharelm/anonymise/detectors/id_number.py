"""Numbers that somebody else keeps a person under: passport, licence, account, customer, patient, student, policy: by the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

_NUMBER = (
    r"(?:numbers?|num|no\.?|nos\.?|nr\.?|n\.?[°ºª]|n\.(?=\s?[\dA-Z])|reference|ref\.?|№|#|ids?|codes?|numéro|numero|número|nummer|numer|nummern)"
)
# Said of nothing but a person's own paper: the number may follow at once.
_PAPER = (
    r"(?:passport|passeport|pasaporte|passaporto|passaporte|paspoort|paszport|paszportu|reisepass|personalausweis|ausweis|führerschein"
    r"|driv(?:er|ing)['’]?s?[ \-]?(?:licen[cs]e|permit)"
    r"|d\.?l\.?(?=\s?(?:number|no|#|:))|licen[cs]e(?= (?:number|no|#))|permis de conduire|licencia de conducir|permiso de conducir"
    r"|carnet de conducir|patente(?: di guida)?|carteira de motorista|carta de condução"
    r"|cnh|rijbewijs|prawo jazdy|prawa jazdy|mrn|medical record|npi(?= n)|nhs|nhi|aadhaa?r|itin|ssn|s\.s\.n\.?|tfn|nino|national insurance"
    r"|national id(?:entity)?(?: card)?"
    r"|id card|identity (?:card|document)|voter(?:'s)?(?: id)?|green card|alien(?: registration)?|uscis|visa(?= (?:number|no|#))"
    r"|resident(?:ce)? (?:permit|card)|carte d['’]identité|carte vitale"
    r"|sécurité sociale|dni|nie|nif|nss|curp|cpf|c[eé]dula(?: de identidad)?|seguridad social|tarjeta sanitaria|carta d['’]identità"
    r"|codice fiscale|tessera sanitaria"
    r"|cartão de cidadão|bilhete de identidade|bsn|burgerservicenummer|pesel|dowód(?: osobisty)?|dowodu(?: osobistego)?|personnummer"
    r"|fødselsnummer|cpr(?:-nummer)?|hetu|kimlik(?: no)?"
    r"|steuer-?id(?:entifikationsnummer)?|steuernummer|sozialversicherungsnummer|rentenversicherungsnummer|svnr|ahv(?:-nummer)?"
    r"|tax(?:payer)?(?: id| identification)|egn|oib|cnp|jmbg|ktp|imei"
    r"|medicare|medicaid|social insurance|social security|health (?:card|insurance|plan))"
)
# Short names of papers that are words too, unless they stand in capitals and something announces the number.
_SHORT = (
    r"(?-i:PAN|SIN|NI|NIK|RUT|RUN|RFC|RG|CC|CI|TIN|EIN|VIN|DL|NSS|NIP)(?=\s?(?:[:#]|n[ro°º]?\.|numbers?\b|número|nummer|is\b|es\b|card\b|é\b|è\b))"
)
# Kept under a number like other things: a word for "number" has to stand with it, or whose it is and what comes before the number.
_KEPT = (
    r"(?:(?:bank |savings |checking |current |brokerage |loan |mortgage |giro |utility |gas |electricity |internet )?account|acct\.?|a/c"
    r"|(?:health |car |home |life |travel |insurance )?policy|claim|case|insurance|member(?:ship)?"
    r"|customer|client|patient|student|pupil|staff|employee|personnel|payroll|worker|enrol?ment|registration|badge|beneficiary|subscriber"
    r"|contract|loyalty(?: card)?|rewards?|frequent[ \-]flyer|frequent traveller"
    r"|library(?: card)?|routing|sort|booking|reservation|confirmation|tracking|order|invoice|ticket|reference|ref\.?|serial|device|meter"
    r"|certificate|permit|user|crew|soldier|service|inmate|prisoner|vat|tax|identity|id"
    r"|compte|client|dossier|contrat|adhérent|étudiant|patient|allocataire|assuré|police|commande|réservation|facture|matricule|cuenta"
    r"|cliente|expediente|contrato|socio|afiliado|afiliación|estudiante|paciente|empleado"
    r"|póliza|pedido|reserva|factura|matrícula|conto(?: corrente)?|cliente|pratica|contratto|tessera|socio|studente|paziente|polizza|ordine"
    r"|prenotazione|fattura|matricola|conta|utente|processo|contrato|sócio|aluno|apólice"
    r"|encomenda|klienta|konta|umowy|polisy|pacjenta|studenta|pracownika|zamówienia|rezerwacji|legitymacji|członkowski|klant|rekening|polis"
    r"|lid|dossier|order)"
)
# Fields of a form, where a colon may stand in place of "number".
_FORM = (
    r"(?:(?:bank |savings |checking )?account|acct\.?|a/c|policy|claim|member(?:ship)?|customer|client|patient|student|employee|matricule"
    r"|matricola|dossier|compte|cuenta|conta|tessera|expediente|booking|reservation"
    r"|(?:user|customer|patient|student|employee|staff|member|client)[ _]?id)"
)
# German, Dutch and Scandinavian words carry the number in them.
_COMPOUND = (
    r"(?:(?:kunden|vertrags|versicherten|versicherungs|policen|mitglieds|matrikel|patienten|personal|mitarbeiter|konto|depot|rechnungs"
    r"|auftrags|bestell|buchungs|sendungs|ausweis|reisepass|pass|führerschein|fall|vorgangs"
    r"|akten|steuer|seriennummer|zähler|schadens?|krankenversicherten|krankenversicherungs|student(?:en)?|klant|rekening|polis|paspoort"
    r"|rijbewijs|studenten|leerling|patiënt|lidmaatschaps|dossier|order|boekings|factuur|bestel"
    r"|personeels|medlems|kund|konto|kunde|pas|körkorts|kørekort)-?\s?(?:nummer|nr\.?|zeichen|-id))"
)
_IS = (
    r"(?:[\s:=,(\-–#\"'*`]|\b(?:is|was|are|it's|its|ist|lautet|war|est|es|è|é|jest|to|of|et|the|le|el|with|number|no|nr|number's|of mine|card"
    r"|here|below)\b){0,8}"
)
_OWN = (
    r"(?:my|our|his|her|their|your|the|mein\w{0,2}|unser\w{0,2}|mon|ma|notre|mi|nuestr[oa]|mio|mia|il mio|la mia|meu|minha|o meu|mijn|moje|mój"
    r"|moja)\s(?:\w{2,14}\s)?"
)
_VALUE = re.compile(
    r"#?(?P<value>(?:[A-Z]{1,6}[\-/. ]?)?(?=[A-Z]{0,3}\d)[A-Z0-9]{1,34}(?:[\-/. ](?=[A-Z0-9]{0,6}\d|[A-Z]{1,3}\b)[A-Z0-9]{1,12}){0,7}"
    r"|(?=[a-z0-9\-]{0,6}\d)(?=(?:[a-z0-9\-]?){0,30}\d\d)[a-z]{0,4}\-?\d[a-z0-9]{2,20}(?:[\-/. ]\d[a-z0-9]{1,12}){0,6}|[A-Za-z0-9]{8,24}(?=\W|\Z))"
)
# What is in every value that is a number: four digits, or letters right beside the few digits of a booking.
_GAP = r"(?:[A-Z\-/. ]{0,130}|[a-z]{0,20}[\-/. ]?|[A-Za-z]{0,22})"
_SIGN = rf"\d(?:[A-Z]|{_GAP}\d{_GAP}\d{_GAP}\d)|[A-Z]\d"
_ENOUGH = re.compile(_SIGN)
_ANNOUNCED = Entry(
    rf"(?=[^\W\d_]|[#№])(?<![\w/@.\-])(?:(?:{_PAPER}|{_SHORT})(?:\s(?:card|key))?(?:\s?{_NUMBER}){{0,2}}"
    rf"|{_KEPT}(?:['’]s)?(?:\s?{_NUMBER}){{1,2}}|{_FORM}\s?(?=[:#])|(?:policy|contract|claim|id|pass|licen[cs]e|ausweis|passeport|contrato|contrat|contratto|umowy|póliza|polizza|apólice)(?=\s[A-Z]{{1,4}}-?\d{{5}})|(?:my|his|her)\s(?:\w{{2,14}}\s)?licen[cs]e(?=\sis\s)|{_OWN}{_KEPT}(?=\s(?:is|ist|est|es|è|é|jest)\s)"
    rf"|(?:{_NUMBER})\s(?:de |du |des |d['’]|di |do |da |del |della |dell['’]|of |für |van )?(?:la |l['’]|el |o |my |mon |ma |mi |mio |meu "
    rf"|mijn )?(?:{_PAPER}|{_KEPT})|{_COMPOUND})(?=\W)",
    re.IGNORECASE,
    needs=Entry(_SIGN, hint=_SIGN),
)
_DATE = re.compile(r"(?:19|20)\d\d|\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)?\d\d|(?:19|20)\d\d[./\-]\d{1,2}(?:[./\-]\d{1,2})?")
_LINK = re.compile(_IS, re.IGNORECASE)
_LETTERS_AT_END = re.compile(r"(?:[\-/. ][A-Z]{2,12})+\Z")
_NUMBER_NEAR = re.compile(r"\d[\dA-Za-z.\-/ ]{0,3}\d|\d[A-Z]{4,7}\d")
_FEWEST_DIGITS = 4
_LOOK_BACK = 110  # characters
_LOOK_AHEAD = 220  # for the words between and the whole value

ENTRIES = (_ANNOUNCED,)


def find(text: str) -> Iterator[PiiSpan]:
    places = (place for place in _before_numbers(text) if _ENOUGH.search(text, place[0], place[1] + _LOOK_AHEAD))
    for match in chain.from_iterable(_ANNOUNCED.finditer(text, *place) for place in places):
        link = _LINK.match(text, match.end())
        value = _VALUE.match(text, link.end() if link else match.end())
        if value and _is_number(text, value):
            start = value.start("value")
            yield PiiSpan(start, start + len(_without_words(value["value"])), "ID_NUMBER")


def _before_numbers(text: str) -> Iterator[tuple[int, int]]:
    """The places right before rows of digits, joined where they touch: nothing else is worth a look."""
    start = end = -1
    for number in _NUMBER_NEAR.finditer(text):
        if number.start() - _LOOK_BACK > end:
            if end > 0:
                yield start, end
            start = max(0, number.start() - _LOOK_BACK)
        end = number.end()
    if end > 0:
        yield start, end


def _without_words(value: str) -> str:
    """ "AB 123456 USA": what stands behind the digits in capitals may be the next word."""
    return _LETTERS_AT_END.sub("", value)


def _is_number(text: str, match: re.Match[str]) -> bool:
    value = _without_words(match["value"])
    digits = sum(char.isdecimal() for char in value)
    follows = text[match.start("value") + len(value) :][:2]
    if follows[:1] in {"%", "€", "$", "£", "_", "("} or follows[:1].isalnum() or (follows[:1] == "." and follows[1:].isalnum()):
        return False
    # A booking's "KX7P2Q" has few digits.
    is_mixed = 2 <= digits < _FEWEST_DIGITS and value.isupper() and value.isalnum() and 6 <= len(value) <= 9
    return (digits >= _FEWEST_DIGITS or is_mixed) and not _DATE.fullmatch(value) and len(set(value)) > 1
