"""What streets, flats and boxes are called in addresses, language by language, for `street_address`.

`SURE` words make a street of a name and a number by themselves; `UNSURE` ones need a post code, a flat or an address word beside them.
"""

from __future__ import annotations

import re


def small_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English: number, name, word ("12 Baker Street"). The US Postal Service's street suffixes, and what Britain, Ireland, Australia and India add.
ENGLISH_SURE = (
    r"street|str|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|terrace|terr?|parkway|pkwy|highway|hwy|crescent|cres|mews"
    r"|turnpike|tpke|alley|grove|gardens"
    r"|close|square|sq|circle|cir|trail|trl|way|place|pl|row|walk|rise|esplanade|wharf|quay|expressway|freeway|motorway|causeway|circus"
    r"|broadway|boulevarde|marg|nagar|parade|pde"
)
ENGLISH_UNSURE = (
    r"loop|plaza|pike|crossing|ridge|points?|heights|hills?|parks?|meadows?|mission|station|springs?|shores?|ports?|roads|locks?|knolls?"
    r"|islands?|isle|inlet|junctions?|keys?|lakes?|landing"
    r"|manors?|mills?|mount|mountains?|neck|orchard|oval|overpass|pass|passage|path|pines?|plains?|prairie|radial|ramp|ranch|rapids?|rest"
    r"|river|route|run|skyway|spurs?|stravenue|stream"
    r"|summit|throughway|trace|track|trafficway|tunnel|underpass|unions?|valleys?|viaduct|views?|villages?|ville|vista|wells?|bridge|brooks?"
    r"|burgs?|bypass|camp|canyon|cape|center|centers"
    r"|centre|cliffs?|club|commons?|corners?|course|courts|coves?|creek|crest|dale|dam|divide|drives|estates?|extensions?|falls?|ferry"
    r"|fields?|flats?|fords?|forest|forges?|forks?|fort"
    r"|garden|gateway|glens?|greens?|groves|harbors?|harbour|haven|hollow|layout|colony|enclave|sector|phase|bend|bluffs?|bottom|branch"
    r"|beach|bayou|arcade|annex|anex|ways?|squares|streets"
    r"|streams?|trailer|vía|reach|lea|brow|bank|copse|croft|dene|drove|end|fold|garth|gate|heath|link|mead|mount|nook|paddock|spinney|strand"
    r"|vale|yard"
)

# Number, word, name ("12 rue de la Paix").
FRENCH = (
    r"rue|r\.|avenue|av\.|boulevard|bd|bld|boul\.|chemin|ch\.|place|pl\.|impasse|imp\.|allée|allee|allées|quai|route|rte|cours|square"
    r"|passage|sentier|ruelle|faubourg|fbg|cité|résidence"
    r"|residence|rang|lotissement|villa|hameau|lieu-dit|rond-point|esplanade|promenade|voie|clos|montée|traverse|venelle|chaussée|drève|clos"
)

# Word, name, number ("Calle Mayor 12", "Via Roma, 5", "ul. Długa 5/7", "Rua das Flores, 12").
BEFORE_SURE = (
    r"calle|c/|avenida|avda\.?|paseo|camino|carretera|ctra\.?|glorieta|urbanización|urb\.|callejón|travesía|pasaje|cuesta|bulevar"
    r"|viale|v\.le|piazza|p\.za|p\.zza|piazzale|corso|c\.so|vicolo|lungomare|lungotevere|contrada|borgo"
    r"|rua|travessa|praça|alameda|estrada|largo|azinhaga|rodovia|praceta"
    r"|ulica|ulicy|ul\.|aleja|aleje|al\.|plac|osiedle|os\.|skwer|strada|bulevardul|bd\.|șoseaua|şoseaua|soseaua|aleea|intrarea|splaiul|ulice|náměstí"
    r"|nám\.|třída|nábřeží|ulici|trg|"
    r"улица|улице|ул\.|проспект|пр-т|переулок|пер\.|бульвар|площадь|шоссе|вулиця|вул\.|οδός|οδος|λεωφ\.|λεωφόρος|πλατεία|jalan|jl\.|lorong|calea|drumul"
)
BEFORE_UNSURE = (
    r"via|ronda|plaza|plaça|plza\.?|pza\.?|pl\.|rambla|carrer|vial|acceso|cañada|pasadizo|rúa|rotonda|stretto|incrocio|canale|salita"
    r"|av\.|r\.|alto|beco|bairro|quinta|sítio|lugar"
    r"|rue|avenue|boulevard|chemin|allée|quai|place|impasse|chaussée|paso|cerro|barrio|colonia|sector|jr\.|jirón|diagonal|transversal"
    r"|ampliación|cerrada|callejón|circunvalación|continuación|corredor|peatonal|carrera|cra\.?|kra\.?|kr\.|cl\.|diag\.|tr\.|av|str\.|autopista|autovía|periférico|circuito|privada|boulevard|blvd\.|andador"
    r"|prolongación|prol\.|retorno|calzada|calz\.|viaducto|eje|paraje"
    r"|quadra|vereda|viela|trecho|setor|residencial|praia|passarela|parque|morro|lagoa|ladeira|jardim|loteamento|fazenda|esplanada|distrito"
    r"|chácara|conjunto|condomínio|núcleo|pátio|recanto|viaduto|vila|ruela|calçada|urbanização"
)
# What German names of streets begin with that have no word for street in them: they need more than a number.
GERMAN_PREPOSITIONS = (
    r"am|an der|an den|an dem|auf dem|auf der|auf den|im|in der|in den|in dem|unter den|zum|zur|zu den|hinter der|hinter dem|vor dem|vor der"
    r"|bei der|beim|alter|alte|neuer|neue|großer|kleine"
)

# Ending of a name, number ("Hauptstraße 12a", "Prinsengracht 263", "Kungsgatan 4").
ENDING_SURE = (
    r"straße|strasse|straat|str\.|gasse|allee|chaussee|boulevard|gracht|laan|plein|singel|dijk|kade|steeg|dreef|gatan|vägen|gränd|stigen"
    r"|torget|veien|vegen|gaten|gata|gade|stræde|vænget|katu|kuja"
    r"|polku|utca|sugárút|körút|rakpart|straße|damm|ufer|vej|vei|weg|platz|steig|stieg|markt|wiese|tänav|puiestee|gatve|iela|prospekts|vegur"
    r"|braut|stígur"
)
ENDING_UNSURE = (
    r"ring|hof|pad|wal|tie|gate|park|berg|gang|graben|garten|hang|höhe|kamp|rain|tor|winkel|zeile|brücke|tér|köz|haga|backen|bakken|haugen|torg"
    r"|torv|plads|have|holt|mark|bakke|heide|horst|oever|burcht|veld|hoek|dam"
)
# Word behind the name as a word of its own ("Andrássy út 60", "Atatürk Caddesi No: 5", "Pärnu mnt 10").
BEHIND_SURE = (
    r"utca|út|útja|tér|körút|rakpart|sétány|köz|caddesi|cad\.|sokak|sokağı|sok\.|bulvarı|mahallesi|mah\.|mnt|tn|tänav|pst|gatvė|g\.|iela"
    r"|prospekts|straße|strasse|straat|str\.?|platz|allee|weg|laan|plein|vei|vej|gate|plass|allé|ulica|trg"
)

BOX = (
    r"p\.?\s?o\.?\s?box|post office box|postal box|postfach|boîte postale|b\.p\.|bp|apartado(?: de correos| postal)?|apdo\.?"
    r"|casilla(?: de correo)?|casella postale|c\.p\.|caixa postal|postbus|skrytka pocztowa"
    r"|skr\. poczt\.|postboks|box|postbox|postilokero|gpo box|locked bag|private bag|a/ya|а/я"
)
UNIT = (
    r"apt|apartment|interior|exterior|km|suite|ste|unit|flat|floor|fl|room|rm|bldg|building|studio|lot|level|block|blk|tower|house no"
    r"|door no|plot no|appartement|appt|étage|bâtiment|bât|escalier|porte|wohnung|whg|zimmer|etage"
    r"|stiege|edif|edificio|bl|sc\.|ap|et\.|appartamento|top|piso|puerta|pta|planta|dpto|depto|departamento|escalera|interno|int|scala|piano|apto|apartamento|andar|bloco|fração"
    r"|mieszkanie|lok|lokal|bus|verdieping|kat|daire|no|nº|кв|корп|m"
)
ORDINAL_UNIT = r"floor|étage|etage|piso|andar|piano|stock|og|verdieping|planta|derecha|dcha|izquierda|izq|left|right|dto|direito|esquerdo|esq"

PARTICLES = (
    r"de|la|le|les|du|des|del|della|delle|dei|degli|dello|van|von|der|den|of|the|el|los|las|di|da|do|dos|das|y|e|et|en|zum|zur|am|im|san|upon"
    r"|ter|ten|op|aan|bij|sur|sous|lès"
)

# In lower-case text these end an address.
STOP_WORDS = small_words(
    "pls please plz thanks thank you thx and but so or because since for from is are was were be been has have had do does did can could"
    " would will should may might must not no yes ok i i'm im he she it its"
    " it's we they who which that this these those my your his her our their me him us them if when while where what how why as at by with"
    " without about after before until between into than then also"
    " just now here there today tomorrow yesterday tonight last next every each any some all both call phone tel telephone email mail"
    " contact fax mobile cell need want help know tell give send let"
    " und aber oder weil bitte danke ich er sie es wir ihr ist sind war mein meine dein seit für mit ohne nach vor bis wenn dass et mais ou"
    " parce merci je tu il elle nous vous ils est sont mon ma"
    " pour avec sans depuis si que qui y pero o porque gracias yo él ella nosotros es son mi tu para con sin desde si que quien e ma o"
    " perché grazie io lui lei noi è sono mio mia per con senza da"
    " se che chi mas ou porque obrigado obrigada eu ele ela nós meu minha para com sem desde se en maar of omdat alsjeblieft bedankt ik hij"
    " zij wij is zijn mijn voor met zonder sinds als dat i ale lub"
    " bo proszę dziękuję ja on ona my jest są mój moja dla z bez od jeśli że who's anymore minutes minute hours hour days weeks months years"
    " people times dollars euros euro percent km miles"
)
# Words that only end like a street.
LIKE_STREETS = small_words(
    "spring string monitoring engineering scoring during bring offering rendering rating notepad ipad launchpad touchpad thinkpad keypad"
    " movie cookie selfie zombie birdie rookie delegate aggregate watergate colgate"
    " investigate navigate propagate castor doctor factor actor vector tensor director editor author monitor processor sector error mirror"
    " markt supermarkt arbeitsmarkt aktienmarkt arbeitsplatz parkplatz sitzplatz"
    " stellplatz steig ansatzweg heimweg ausweg umweg hinweg rückweg bahnsteig marktplatz bahnhof friedhof bauernhof behind berg telemark"
    " denmark bookmark benchmark trademark landmark remark hallmark"
) - {"marktplatz"}
# Written with a capital after an address these begin something else.
CLOSINGS = small_words(
    "thanks thank regards best cheers sincerely please hi hello dear phone tel telephone email e-mail mail fax mobile cell call contact and"
    " the i my name date danke merci gracias grazie obrigado obrigada bedankt"
    " dziękuję mit freundlichen grüße gruß cordialement saludos saluti atenciosamente groeten pozdrawiam telefon teléfono téléphone telefone"
    " telefono telefoon handy telefonnummer telefonszámom telefonum mein meine mijn mitt min mój moje mon ma meu minha mitt mio mia puhelinnumeroni"
)
# "12 Supreme Court", "500 GB Drive": numbers that no letter is sent to.
NOT_STREETS = small_words(
    "supreme high federal district appeals superior crown hard google usb flash disk tb gb mb kb solid external network shared test chi"
    " magic times root mean milky one only best right wrong easy fast"
    " new-year long first second third top last next three two four five six seven eight nine ten other same every each proven simple"
    " different better great good main-stream dead half full"
    " vol version chapter section figure fig table appendix release issue article level page part step unit item question exercise example"
    " day week year no number windows python java angular ios android"
    " january february march april may june july august september october november december januar februar märz mai juni juli oktober"
    " dezember janvier février mars avril juin juillet août septembre octobre"
    " novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile"
    " maggio giugno luglio settembre ottobre dicembre janeiro fevereiro março maio"
    " junho julho setembro outubro dezembro januari februari maart juli augustus monday tuesday wednesday thursday friday saturday sunday"
    " montag dienstag mittwoch donnerstag freitag samstag sonntag"
    " rfc iso pep ubuntu debian core model type class form line room season episode act scene room group team stage phase option test task"
    " problem lesson module"
    " tennis basketball food sesame memory working hidden market work job sitz park stell arbeits the a an my your his her our their this"
    " that in to of for and or with on at is as by"
)


def _spellings(word: str) -> set[str]:
    """ "avda\\.?" → "avda" and "avda."."""
    optional = re.search(r"(\\?.)\?", word)
    if optional is None:
        return {word.replace("\\", "")}
    return _spellings(word.replace(optional[0], optional[1], 1)) | _spellings(word.replace(optional[0], "", 1))


def _all_spellings(pattern: str) -> frozenset[str]:
    return frozenset(spelling for word in pattern.split("|") for spelling in _spellings(word))


SURE_AFTER_NAME = _all_spellings(ENGLISH_SURE)
UNSURE_AFTER_NAME = _all_spellings(ENGLISH_UNSURE)
BEFORE_NAME_IN_FRENCH = _all_spellings(FRENCH)
SURE_BEFORE_NAME = _all_spellings(BEFORE_SURE)
UNSURE_BEFORE_NAME = _all_spellings(BEFORE_UNSURE)
SURE_ENDINGS = tuple(_all_spellings(ENDING_SURE))
UNSURE_ENDINGS = tuple(_all_spellings(ENDING_UNSURE))
BEHIND_NAME = _all_spellings(BEHIND_SURE)
PREPOSITIONS = _all_spellings(GERMAN_PREPOSITIONS)
PARTICLE_WORDS = frozenset(PARTICLES.split("|"))
UNIT_WORDS = _all_spellings(UNIT)
# The words of one word that a street may begin with ("Calle", "ul.").
BEFORE_NAME = "|".join(
    re.escape(word)
    for word in sorted(SURE_BEFORE_NAME | UNSURE_BEFORE_NAME, key=lambda word: (-len(word), word))
    if re.fullmatch(r"[^\W\d_]{2,12}\.?", word)
)
