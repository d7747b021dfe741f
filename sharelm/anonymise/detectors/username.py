"""User names, handles and gamer tags, by the words around them. A bare `@name` without such words may be a decorator or a package and stays."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_lists import WORD, kind_of
from sharelm.anonymise.detectors.street_words import small_words
from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

_FIELD = (
    r"(?:user ?names?|user[_\-]?(?:id|name)|user ?id|login(?: name| id)?|log-?in(?: name)|screen ?name|nick(?:name)?|gamer ?tag|ign"
    r"|psn(?: id)?|handle"
    r"|benutzername|nutzername|anmeldename|nom d['’]utilisateur|identifiant|pseudo|nombre de usuario|usuario|nome utente"
    r"|nome de (?:utilizador|usuário)|usuário|utilizador"
    r"|gebruikersnaam|inlognaam|nazwa użytkownika|nazwa uzytkownika|użytkownik)"
)
_SITE = (
    r"(?:skype|telegram|instagram|insta|ig|discord|snap(?:chat)?|twitter|tiktok|tik tok|steam|twitch|reddit|venmo|cash ?app|mastodon|github"
    r"|gitlab|threads|bluesky"
    r"|youtube|whatsapp|wechat|facebook|fb|pinterest|tumblr|kik|viber|xbox(?: live)?|playstation|epic(?: games)?|roblox|minecraft|fortnite)"
)
_LINK = r"(?:\s?(?:[:=]|->|→)\s?|\s(?:is|was|are|ist|war|lautet|est|es|era|è|é|jest|to|as|als)\s?:?\s{1,2}|\s)"
_MARKED = Entry(
    rf"(?<![\w\-])(?P<own>(?:my|his|her|our|their|meine?|mon|mi|il mio|mio|meu|o meu|mijn|mój|moja)\s(?:\w{{2,12}}\s)?)?{_FIELD}(?:\s(?:on"
    rf"|for|at|in|auf|bei|sur|en|su|no|op|na)\s\w[\w.\-]{{1,20}})?[\"'*`]{{0,3}}"
    rf"(?P<link>{_LINK})[\"'“`*@]{{0,3}}(?P<value>[^\W\d_][\w.\-]{{2,38}}(?:#\d{{4}})?)(?P<after>[^\n]?)",
    re.IGNORECASE,
)
_FIELD_NEXT = re.compile(r"(?:and |/ ?|\| ?)?(?:my |the )?(?:pass|pw|pwd|e-?mail|mot|senha|clave|contrase|kennwort|wachtwoord|has)", re.IGNORECASE)
_SPOKEN = re.compile(r"user ?name|log-?in|benutzername|nutzername|nom|nombre|nome|gebruikersnaam|nazwa", re.IGNORECASE)
_ON_SITE = Entry(
    rf"(?<![\w\-/.]){_SITE}(?:\s(?:id|name|handle|user(?:name)?|account|profile|tag|acc|gamertag|konto|profil|compte|cuenta|profilo|conta))?"
    rf"(?:\s?[:=]\s?|\s(?:is|as|ist|est|es|è|é|jest|at|under|unter|als|als)\s|\s)@?(?P<value>(?:live:)?[^\W\d_][\w.\-]{{2,38}}(?:#\d{{4}})?)",
    re.IGNORECASE,
)
# "Add me on discord: annameyer".
_ADD_ME = Entry(
    rf"(?<!\w)(?:(?:add|find|follow|dm|message|pm|hit|reach) me (?:up )?(?:on|at)|i['’]?m on|i am on) {_SITE}"
    r"(?:\s?[:=]\s?|\s(?:as|at|under|@)\s?)@?(?P<value>[^\W\d_][\w.\-]{2,38}(?:#\d{4})?)",
    re.IGNORECASE,
)
# "user anna1987 cannot log in".
_USER = Entry(r"(?<![\w\-./@])users?\s[\"'`]?(?P<value>[^\W\d_]{3,30}[\w.\-]{0,20}\d{2}\w{0,8})(?![\w(\[=])", re.IGNORECASE)
_HANDLE = Entry(r"(?<![\w@/.\-`\"'])@(?P<value>[A-Za-z_][\w.]{1,37}\w)(?![\w(/@\-]|\.\w|\]\()")
_TAG = Entry(r"(?<![\w#@/\-.])(?P<value>[^\W\d_][\w.]{1,31}#\d{4})(?!\w|\])")
_ON_LINE_OF_ITS_OWN = re.compile(r"(?:^|\n)[ \t]*\Z")
_REDDIT = Entry(r"(?<![\w/.\-])/?u/(?P<value>\w[\w\-]{2,19})(?![\w/\-])")
_ABOUT_HANDLES = re.compile(
    rf"(?<!\w)(?:{_SITE}|follow(?:ed|ing|er|ers|s)?|handles?|tag(?:ged|ging)?|dm(?:ed|s)?|tweet(?:ed|s)?|ping|mention(?:ed)?|cc"
    rf"|user(?:name)?|account|add me|game ?tag|battle ?tag|gamer ?tag|friend code|riot id|profil\w{{0,2}}|konto|find me|message me"
    r"|shout ?out(?: to)?|posted by|folg(?:t|e) mir|suivez|sígueme|seguici|segu[ie])(?!\w)",
    re.IGNORECASE,
)
_NOT_HANDLES = small_words(
    "property classmethod staticmethod dataclass pytest app abstractmethod wraps functools contextmanager cached_property override overload"
    " register lru_cache cache autowired test"
    " bean media import param params return returns see throws throw type types typedef author version since deprecated link code example"
    " default todo keyframes font charset supports"
    " include extends mixin use forward layer apply tailwind component injectable input output service entity table column id value data"
    " getter setter builder controller restcontroller"
    " requestmapping getmapping postmapping nullable nonnull suppresswarnings functionalinterface before after beforeeach aftereach everyone"
    " here channel all home work gmail hotmail"
    " yahoo outlook angular babel vue react types decorator route get post put delete patch jit njit numba task celery click command option"
    " argument transient validator field"
)
# What follows "login" and "user name" in sentences that tell nobody's.
_COMMON = small_words(
    "page pages screen form forms button field fields credentials credential details detail info information name names failed fails fail"
    " error errors errored with and or is was are to the a an"
    " in on at for from of by via using via not no but if when then that this these those which who what where how as it its so system"
    " systems flow attempt attempts session sessions process"
    " method methods function functions view views route routes endpoint request requests required requires must should can cannot could"
    " will would has have had been being be do does did"
    " here now again first before after once only also just already still please thanks password passwords email e-mail token tokens data"
    " database url link api dialog window prompt box area"
    " menu tab state status success successful invalid valid wrong incorrect correct empty missing taken exists unknown none null undefined"
    " true false string str text number integer int varchar"
    " char value values input output key field column table row model object class type id ids admin root guest user users username"
    " usernames account accounts profile profiles login logins"
    " logged registration signup sign-up signin logout log in-game and/or contains contain containing consists characters character length"
    " unique different same example someone somebody anyone"
    " your my his her their our you me us them him i we they per each every all any some handle handler handlers handling"
    " vereist verplicht nodig erforderlich notwendig vergeben ungültig requis obligatoire utilisé requerido obligatorio necesario richiesto"
    " obbligatorio necessario obrigatório necessário wymagana wymagany automatico automatique automático automatisch aanmeldt anmeldet shell"
    " und oder ist war nicht mit für der die das ein eine seite fehlt et ou est pas avec pour le la les un une y o es no con para el los las"
    " una e è non per il lo gli en of niet met voor de het een"
    " i lub jest nie z dla na bot bots server servers channel channels nitro message messages group groups chat chats post posts story"
    " stories reel reels ads marketing stream streams video videos"
    " follower followers feed thread threads tweet tweets hashtag live app apps web desktop mobile integration webhook webhooks sdk library"
    " client clients support team teams business shop"
    " authentication authorization actions action repo repos repository copilot pages issue issues branch workflow workflows enterprise"
    " influencer influencers content"
    " like likes such than because about into over"
    " game games community communities market deck link links calls call number contact contacts friend friends influencer algorithm bio"
    " caption captions photo photos picture pictures"
)

ENTRIES = (_MARKED, _ON_SITE, _ADD_ME, _USER, _HANDLE, _TAG, _REDDIT)


def find(text: str) -> Iterator[PiiSpan]:
    languages = Languages(text)
    for match in (*_MARKED.finditer(text), *_ON_SITE.finditer(text)):
        if _is_name(match, languages):
            yield _span(match)
    for match in (*_ADD_ME.finditer(text), *_USER.finditer(text)):
        if _is_chosen(match["value"]):
            yield _span(match)
    for match in (*_HANDLE.finditer(text), *_TAG.finditer(text)):
        if match["value"].lower().partition(".")[0] not in _NOT_HANDLES and _is_about_handles(text, match):
            yield _span(match)
    for match in _REDDIT.finditer(text):
        yield _span(match)


def normalise(value: str) -> str:
    return value.lstrip("@").casefold()


def _span(match: re.Match[str]) -> PiiSpan:
    start = match.start("value")
    return PiiSpan(start, start + len(match["value"].rstrip(".-")), "USERNAME")


def _is_name(match: re.Match[str], languages: Languages) -> bool:
    """Whether the word after "login" is one that somebody chose: it has digits or dots in it, or stands where only a name can."""
    value = match["value"].rstrip(".-")
    if len(value) < 3 or value.lower() in _COMMON or value.lower() in _NOT_HANDLES:
        return False
    if any(char.isdecimal() for char in value[1:]) or "@" in match[0]:
        return not value.isupper()
    is_joined = any(char in "._" for char in value)
    if "link" not in match.groupdict():
        return is_joined and not value.isupper() and match[0].count(":") > 0
    is_said = match["link"].strip() != ""
    # "shell di login interattiva": in other languages an adjective follows.
    if not is_said and not (_SPOKEN.match(match[0]) and languages.is_english(match.start())):
        return False
    if not match["own"] and kind_of(value) & WORD:  # "a file handle to read."
        return False
    is_capitalised_word = value[1:].islower() and not value[0].islower()
    return not (value.isupper() or is_capitalised_word) and (_stands_alone(match) or bool(match["own"] and is_said))


def _is_chosen(value: str) -> bool:
    word = value.rstrip("0123456789_-.").lower()
    return not value.isupper() and word not in _COMMON and word not in _NOT_HANDLES


def _stands_alone(match: re.Match[str]) -> bool:
    """ "login annameyer." and "user: annameyer, pass: …", not "login anonymously to the server"."""
    is_last = match["after"] in {"", ",", ";", '"', "'", ")", "|"} or match["value"].endswith(".")
    return is_last or (match["after"] == " " and bool(_FIELD_NEXT.match(match.string, match.end())))


def _is_about_handles(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    if _ON_LINE_OF_ITS_OWN.search(text, max(0, start - 40), start) and text[end : end + 1] in {"", "\n", "\r"}:
        return False  # a decorator
    return bool(_ABOUT_HANDLES.search(text, max(0, start - 40), start) or _ABOUT_HANDLES.search(text, end, end + 25))
