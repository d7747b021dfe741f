"""Languages other than English: their words are no names, names in them are found, and a found name does not take the word with it."""

from __future__ import annotations

import hashlib

import pytest

from sharelm.anonymise.conversation import find_conversation_spans
from sharelm.anonymise.detectors.languages import Languages
from sharelm.anonymise.detectors.person_lists import elsewhere, signs
from sharelm.anonymise.engine import anonymise_texts
from sharelm.anonymise.model import names_run
from sharelm.vocabulary import Role

NOTHING = [
    "Dann gehen wir. Davon weiß ich nichts. Eben das. Sommer ist schön.",
    "Wir sind in der Lage, alle Tage zu arbeiten. Im Falle eines Fehlers hilft der Abschnitt Texteingabe.",
    "Guten Morgen! Der Schwierigkeitsgrad sagt, wie schwer es ist. Im Laufe der Zeit wird das besser.",
    "Una carrera de fracciones",
    "Fue un día largo. Eres tú. Buena idea. Salud. Tierra. Cara o cruz. Gusta mucho.",
    "Elija una contraseña. Esto dice el manual. Niño y la Niña. La tierra es de todos.",
    "Maison du peuple. Aime ton prochain. Je pense que la maison est belle.",
    "Attention : n'oubliez pas la clé. Ces maudites portes. Le message vient de la maison.",
    "Una volta c'era un re. La Rosa del giardino. Si dice che la mia casa sia grande. Mia madre no. La shell di login interattiva.",
    "Deixe a porta. Ela disse que a casa é boa. Esta cara não é minha.",
    "Alleen morgen. Jaren geleden. Elke dag. Niks aan. Dus dit is de kamer. Ik ga met water naar huis. Ben je er?",
    "Eller nej. Över allt. Andra gånger är det hans bil. Denna dag, dessa dagar. Bara liv och lust.",
    "Eller nej. Ved siden af huset. Hans bil. Hvis det er hans, så er det ikke min.",
    "Etter dette. Eller nei. Andre ganger er det hans. Endre navnet på filen, og ikke noe annet.",
    "Jos haluat, voit tulla. Aina mukana. Tämä on hyvä. Koko päivä. Anna se minulle, jos voit.",
    "Sam poszedł do domu. Oni idą. Ona jest tu. Jakie to? Jak to się stało, że nie ma wody?",
    "Tom je v domě. Kde je to? Aby to bylo jasné, má to být tak.",
    "Mert nincs itt. Kell egy ház. Már nem kell, majd holnap lesz.",
    "Deja am fost acolo. Sau poate nu. Buna este aici, dar nu acum.",
    "Ben gidiyorum. Zaman geçti. Kim o? Adam geldi, bu iş için çok yer var. Yeni bir gün.",
    "Dan kemudian kami pergi. Kita tidak dapat hari ini. Pada satu jalan, dari sana. Karena itu Anda akan pergi.",
    "La dirección debe ser la de 3 servidores. Die Adresse muss in dem Format sein, das in 4 steht.",
]
NAMES = [
    ("Gestern war Kim da, und Adam auch. Elke Schmidt kam mit Tom.", ["Kim", "Adam", "Elke Schmidt", "Tom"]),
    ("Herr Stein und Frau Sommer haben den Vertrag nicht.", ["Herr Stein", "Frau Sommer"]),
    ("Ayer vino Ben con Estrella, y el señor Pont no firmó.", ["Ben", "Estrella", "señor Pont"]),
    ("Je n'ai pas de nouvelles de Marc. Odette Le Goff est venue.", ["Marc", "Odette Le Goff"]),
    ("Ho visto Mia ieri con Dan, ma non c'era Mia Rossi.", ["Mia", "Dan", "Mia Rossi"]),
    ("Falei com Margarida e com o Hans sobre a casa.", ["Margarida", "Hans"]),
    ("Ik heb met Mia over het huis gesproken, en niet met Ben.", ["Mia", "Ben"]),
    ("Wczoraj Adam był u nas, a Sam nie. Moja siostra Ella też nie.", ["Adam", "Sam", "Ella"]),
    (
        "My friends Ben, Kim and Sam called. Hans was there. Mia left, Rosa too, and Ella said no.",
        ["Ben", "Kim", "Sam", "Hans", "Mia", "Rosa", "Ella"],
    ),
    ("why did tom and adam leave?", ["tom", "adam"]),
]


@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize("in_small_letters", [False, True])
def test_words_of_other_languages_are_no_names(text: str, in_small_letters: bool) -> None:
    text = text.lower() if in_small_letters else text
    assert found(text) == []


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_names_are_found_in_other_languages(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mia Rossi arriva. La mia casa è qui, con mia zia. Ho Mia.", "[PERSON_1] arriva. La mia casa è qui, con mia zia. Ho [PERSON_1]."),
        ("Jag såg Hans Müller. Det är hans bil, och jag har hans nyckel.", "Jag såg [PERSON_1]. Det är hans bil, och jag har hans nyckel."),
        ("My friend Una Weber called.\nUna volta c'era una casa.", "My friend [PERSON_1] called.\nUna volta c'era una casa."),
        ("Manuel Weber m'a écrit. Il est dans le manuel de la machine.", "[PERSON_1] m'a écrit. Il est dans le manuel de la machine."),
        ("I met Rosa Weber. Why is rosa angry with me? `rosa = 1`", "I met [PERSON_1]. Why is [PERSON_1] angry with me? `[PERSON_1] = 1`"),
    ],
)  # fmt: skip
def test_a_found_name_does_not_take_the_word_with_it(text: str, expected: str) -> None:
    assert anonymised([text]) == (expected,)


def test_what_is_a_word_in_one_message_is_a_name_in_another() -> None:
    texts = ["My friend Rosa Weber is ill. rosa needs help with this.", "La rosa è il fiore più bello, e la casa è rosa."]
    assert anonymised(texts) == ("My friend [PERSON_1] is ill. [PERSON_1] needs help with this.", texts[1])


@pytest.mark.skipif(not names_run(), reason="requirements-names.txt is not installed")
@pytest.mark.parametrize("text", [*NOTHING, "Setelah Anda pergi, simpan perubahan ini dengan Tombol Kanan.", "wypisuje kanoniczną nazwę pliku"])
def test_the_model_does_not_take_nouns_of_other_languages_for_names(text: str) -> None:
    assert find_conversation_spans([text], [Role.USER], names=True) == [[]]


def test_a_line_has_its_own_language() -> None:
    text = "Ben is here with me and my wife.\nBu iş için bir gün yok.\nQirv"
    languages = Languages(text)
    assert [languages.is_english(text.index(word)) for word in ("Ben", "Bu")] == [True, False]
    assert languages.among("Ben", text.index("Bu"))
    assert not languages.among("Ben", 0)


def test_a_foreign_name_does_not_make_a_text_foreign() -> None:
    assert Languages("Łukasz Żak met Ayşe Yıldız").is_english(0)
    assert not Languages("spotkał się z łosiem").is_english(0)


def test_every_word_elsewhere_is_of_a_language_that_is_told_by_small_words() -> None:
    assert {language.strip("!~") for languages in elsewhere().values() for language in languages} <= signs()["words"].keys() - {"en"}


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_conversation_spans([text], [Role.USER], names=False)[0]]


def anonymised(texts: list[str]) -> tuple[str, ...]:
    return anonymise_texts(texts, digest=lambda text: hashlib.sha256(text.encode()).hexdigest()).texts
