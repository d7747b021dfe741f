"""What people write around names: titles, greetings, farewells, kinship, introductions, labels; in English, German, French, Spanish, Italian,
Portuguese, Dutch, Polish, Swedish and Turkish."""

from __future__ import annotations

import re
import tomllib

from sharelm.anonymise.alternatives import factored
from sharelm.anonymise.detectors.person_lists import FOLDER
from sharelm.anonymise.entry import Entry

_TEXT: dict[str, str] = tomllib.loads((FOLDER / "context.toml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_TEXT[name].split())


def _phrases(name: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in _TEXT[name].split("|"))


TITLES = _words("titles")
WEAK_TITLES = _words("weak_titles")
GREETINGS = _words("greetings")
KIN = _words("kin")
INTRODUCED = _phrases("introduced")
PERSONAL = _phrases("personal")
CLAIMS = _phrases("claims")
COPULAS = _words("copulas")
ENDS_LOWER = _words("ends_lower")
NO_NAME_AFTER = _words("no_name_after")
PARTICLES = _words("particles")
NOT_A_PERSON_AFTER = _words("not_a_person_after")
CALLED_AFTER = _words("called_after")
ARTICLES = _words("articles")
WITH = frozenset({"met"})
CAPITALS_FOR_NOUNS = frozenset({"de"})
STRAYS = {word: frozenset(languages) for word, *languages in map(str.split, _TEXT["strays"].split("|"))}
SUFFIXES = _words("suffixes")
TITLE_BEFORE = re.compile(
    factored(
        r"(?<!\w)(?:mrs?|ms|miss|mx|dr|prof|herrn?|frau|signor[ae]?|signorina|señora?|monsieur|madame|mevrouw|meneer|senhora?|dott|dott\.ssa|pan[aiu]?|panią)"
        r"\.? \Z"
    )
)
PARTICLES_BEFORE = re.compile(
    factored(
        r"\b(?:mrs?|ms|dr|prof|senhora?|doutora?|dona|señora?|doctora?|signora?|herrn?|frau|president|presidente|monsieur|madame|mevrouw|meneer)"
        r"\.? (?P<particles>(?:(?:da|de|do|dos|das|di|del|della|van|von|der|den|la|le|du)\s){1,2})\Z"
    ),
    re.IGNORECASE,
)
SUFFIX_AFTER = re.compile(rf",? (?i:{'|'.join(sorted(SUFFIXES, reverse=True))})\b\.?(?! \w+')")
PERSON_AFTER = re.compile(
    factored(
        rf"['’]s (?:{'|'.join(sorted(_words('belongings'), reverse=True))})\b|,? (?:{'|'.join(sorted(_words('verbs'), reverse=True))})\b"
        r"|, (?:can|could|would|will) (?:you|i|we)\b|, (?:please|thank)\b"
    )
)
"""What follows a name of somebody, whatever it looks like."""
KNOWN_AFTER = re.compile(rf"(?: (?:{'|'.join(sorted(_words('verbs_of_known'), reverse=True))})\b| (?:family|household)(?!-|\w| (?:of|name)\b))")
"""What follows a name that the lists hold."""
FAMILY_NAME = re.compile(
    factored(
        r"\b(?:(?:maiden|last|family|sur) ?name|geburtsname|nachname|nom de (?:famille|jeune fille)|apellido|cognome|sobrenome|achternaam|nazwisko)"
        r"(?: is| was| ist| est| es| è| é| to)?:? \Z"
    ),
    re.IGNORECASE,
)


LABEL = re.compile(
    factored(
        r"(?:^|\n)[ \t>*\-•|\"'{,?]*(?:(?:full|first|last|given|family|maiden|middle|contact|customer|client|patient|employee|card ?holder|account|"
        r"holder|user|student|emergency|billing|shipping|candidate|applicant)[ _]?)*(?:name|holder|patient|from|to|cc|bcc|"
        r"attn|attention|signed|author|client|"
        r"employee|manager|recipient|sender|contact|customer|student|guest|tenant|landlord|applicant|candidate|teacher|"
        r"doctor|physician|nurse|driver|owner|"
        r"vorname|nachname|name der person|absender|empfänger|kunde|kundin|patientin|nom|prénom|client|expéditeur|destinataire|nombre|apellidos?"
        r"|cliente|remitente|destinatario|nome|cognome|mittente|paziente|sobrenome|remetente|destinatário|naam|voornaam|achternaam|klant|afzender|ontvanger|imię|"
        r"nazwisko|imię i nazwisko|klient|nadawca|odbiorca|namn|navn|ad soyad|isim)[\"']?[ \t]{0,4}[:=][ \t*\"'_]{0,6}\Z"
    ),
    re.IGNORECASE,
)

FAREWELL = re.compile(
    factored(
        r"^[\W_]{0,4}(?:(?:with )?(?:best|kind(?:est)?|warm(?:est)?|many)?\s?(?:regards|wishes)|(?:all the )?best|(?:yours )?(?:very )?(?:sincerely|"
        r"truly|faithfully)(?: yours)?|(?:many )?thanks(?: (?:again|in advance|a lot|so much))?|thank you(?: (?:again|"
        r"in advance|so much|very much))?|cheers|"
        r"(?:with )?love|respectfully(?: yours)?|cordially|take care|talk soon|xoxo|yours|"
        r"(?:mit )?(?:freundlichen|herzlichen|besten|lieben|viele[n]?|liebe|beste|herzliche)\s?gr(?:ü|ue)(?:ß|ss)en?|gr(?:ü|ue)(?:ß|ss)e|"
        r"mfg|lg|vg|hochachtungsvoll|"
        r"(?:bien )?cordialement|(?:bien )?amicalement|sincèrement|bises|bisous|merci(?: d'avance)?|"
        r"(?:un )?(?:saludos?|abrazo|cordial saludo)(?: cordiales)?|atentamente|gracias|"
        r"(?:cordiali|distinti|cari) saluti|saluti|un abbraccio|grazie|"
        r"atenciosamente|cumprimentos|(?:um )?abraço|abraços|obrigad[oa]|"
        r"(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|"
        r"(?:z )?(?:poważaniem|pozdrowieniami|wyrazami szacunku)|pozdrawiam|dziękuję|"
        r"(?:med )?(?:vänliga?|venlig|vennlig) h[äi]lsn?ing(?:ar|er)?|mvh|hälsningar|saygılarımla|teşekkürler)[\s,.!:–—\-]*\Z"
    ),
    re.IGNORECASE,
)

# Names in lower case, where the words before leave no doubt.
LOWER_RELATED = Entry(
    r"(?<!\w)(?:my (?:(?:best|old|little|big|older|younger) )?(?:ex|gf|bf|girlfriend|boyfriend|wife|husband|sister|brother|son|daughter"
    r"|friend|mom|mum|dad"
    r"|boss|roommate|cousin|neighbou?r|colleague|coworker|aunt|uncle|fianc[eé]e?|crush|partner|teacher)|meine? (?:freundin|freund|frau|mann|schwester"
    r"|bruder|tochter|sohn|chefin|chef)|(?:ma|mon) (?:copine|copain|femme|mari|soeur|sœur|frère|fille|fils|amie?)|mi (?:novi[oa]|espos[oa]"
    r"|herman[oa]|hij[oa]"
    r"|amig[oa]|jef[ea])|(?:mia|mio) (?:moglie|marito|sorella|fratello|figli[oa]|amic[oa])|(?:minha|meu) (?:namorad[oa]|espos[oa]|irmão?"
    r"|filh[oa]|amig[oa])"
    r"|mijn (?:vriendin|vriend|vrouw|man|zus|broer|dochter|zoon)|min (?:kone|mand|fru|man|kæreste|søn|datter)"
    r"|i['’]?m|i am|ich bin|soy|sono|sou|ik ben) (?P<name>[^\W\d_]{3,24})(?= (?:and|from|und|aus|y|de|e|di|et|van|en|og)\b|[,.!?\n]|\Z"
    r"| (?:is|was|said|says|back)\b)",
    re.IGNORECASE,
)
LOWER_INTRODUCED = Entry(
    r"\b(?:my (?:full |first |last |real )?name(?:'s| is)|name is|i am called|i'm called|(?:they|people|everyone|you can|please) calls? me|"
    r"mein name ist|ich hei(?:ß|ss)e|je m'appelle|mon nom est|me llamo|mi nombre es|mi chiamo|il mio nome è|me chamo|meu nome é|mijn naam is|ik heet|"
    r"nazywam się|mam na imię|jag heter|jeg he(?:ter|dder)|benim adım)\s+(?P<name>[^\W\d_][\w'’\-]{1,24}(?: [^\W\d_][\w'’\-]{1,24}){0,3})",
    re.IGNORECASE,
)
