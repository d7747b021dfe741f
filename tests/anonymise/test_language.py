"""The language of a conversation."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import select

from sharelm.anonymise.language import FEWEST_LETTERS, find_language, language_of
from sharelm.config import CHECKOUT
from sharelm.store.conversation import conversation
from sharelm.store.engine import read
from sharelm.vocabulary import Message, Role

KNOWN = [
    ("en", "How do I get a red wine stain out of a white cotton shirt?"),
    ("de", "Wie bekomme ich einen Rotweinfleck aus einem weißen Hemd?"),
    ("fr", "Comment enlever une tache de vin rouge sur une chemise blanche ?"),
    ("es", "¿Cómo puedo quitar una mancha de vino tinto de una camisa blanca?"),
    ("it", "Come posso togliere una macchia di vino rosso da una camicia bianca?"),
    ("pt", "Como posso tirar uma mancha de vinho tinto de uma camisa branca?"),
    ("nl", "Hoe krijg ik een hardnekkige rodewijnvlek uit een wit overhemd?"),
    ("sv", "Hur får jag bort en envis rödvinsfläck från en vit skjorta?"),
    ("fi", "Miten saan sitkeän punaviinitahran pois valkoisesta paidasta?"),
    ("pl", "Jak usunąć uporczywą plamę z czerwonego wina z białej koszuli?"),
    ("ru", "Как вывести пятно от красного вина с белой рубашки?"),
    ("uk", "Як вивести пляму від червоного вина з білої сорочки?"),
    ("el", "Πώς μπορώ να βγάλω έναν λεκέ από κόκκινο κρασί από ένα άσπρο πουκάμισο;"),
    ("tr", "Beyaz bir gömlekten kırmızı şarap lekesini nasıl çıkarabilirim?"),
    ("ar", "كيف يمكنني إزالة بقعة نبيذ أحمر من قميص أبيض؟ لقد جربت الملح بالفعل."),
    ("he", "איך אפשר להוריד כתם של יין אדום מחולצה לבנה?"),
    ("hi", "सफ़ेद कमीज़ से लाल शराब का दाग कैसे हटाऊँ?"),
    ("zh", "怎样才能把白衬衫上的红酒渍洗掉？"),
    ("ja", "白いシャツについた赤ワインのしみはどうやって落とせばいいですか。"),
    ("ko", "흰 셔츠에 묻은 레드 와인 얼룩을 어떻게 지울 수 있나요?"),
    ("vi", "Làm thế nào để tẩy vết rượu vang đỏ trên áo sơ mi trắng?"),
    # short, but enough
    ("en", "Why does my bread not rise?"),
    ("de", "Warum geht mein Brot nicht auf?"),
    ("it", "Perché il mio pane non lievita?"),
    ("zh", "我的面包为什么发不起来？"),
    ("ja", "パンが膨らまないのはなぜ？"),
]
UNKNOWN = [
    "",
    "hi",
    "ok thanks",
    "1234 5678 91011 121314",
    "👍👍👍👍👍👍👍👍👍👍👍👍",
    "[EMAIL_ADDRESS_1] [PHONE_NUMBER_12] [URL_2]",
    "https://example.org/the/long/way/to/the/bakery",
    "def f(x):\n    return [y for y in x if y % 2]\n",
    "SELECT id, name FROM t WHERE a = 3 ORDER BY b;",
    "for (int i = 0; i < n; i++) { sum += a[i]; }",
    "```\nWhy does my bread not rise? And why is it so flat?\n```",
    "```python\n# Why does my bread not rise? And why is it so flat?\n",
    "`why does my bread not rise`",
    "\ud800\ud800\x00" * 20,
]


def said(*texts: str, role: Role = Role.USER) -> list[Message]:
    return [Message(role, text) for text in texts]


@pytest.mark.parametrize(("code", "text"), KNOWN)
def test_it_knows_the_language(code: str, text: str) -> None:
    assert language_of([text]) == code


@pytest.mark.parametrize("text", UNKNOWN)
def test_it_does_not_guess(text: str) -> None:
    assert language_of([text]) is None


@pytest.mark.parametrize(("text", "code"), [("Where is it?", None), ("Where is he now", "en")])
def test_it_wants_twelve_letters(text: str, code: str | None) -> None:
    letters = sum(letter.isalpha() for letter in text)
    assert (letters >= FEWEST_LETTERS) == (code is not None)
    assert language_of([text]) == code


def test_it_asks_the_person_before_the_model() -> None:
    english, german = KNOWN[0][1], KNOWN[1][1]
    assert find_language([*said(german), *said(english, english, role=Role.ASSISTANT)]) == "de"
    assert find_language([*said("ok"), *said(english, role=Role.ASSISTANT)]) == "en"
    assert find_language([*said("ok"), *said("Yes.", role=Role.ASSISTANT), *said(english, role=Role.SYSTEM)]) is None


def test_it_reads_past_code() -> None:
    assert language_of(["```\nint main() { return 0; }\n```\nWarum wird das nicht übersetzt?"]) == "de"


def test_it_says_the_same_every_time_and_reads_only_the_beginning() -> None:
    text = KNOWN[0][1] * 1_000
    assert {language_of([text, KNOWN[1][1]]) for _ in range(3)} == {"en"}


def test_it_is_not_loaded_where_nothing_is_anonymised() -> None:
    code = (
        "import sys; from sharelm import create_app; import sharelm.jobs, sharelm.anonymise.language; create_app(); print('py3langid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_it_is_stored_with_the_conversation_and_erased_with_it(app, client, upload, run_job, alice):
    def languages() -> list[str | None]:
        with read(app.server.engine) as connection:
            return list(connection.execute(select(conversation.c.language).order_by(conversation.c.id)).scalars())

    upload(alice, "c-1", user=["Warum geht mein Brot nicht auf?"], bot=["It may be too cold."])
    upload(alice, "c-2", user=["print(1)"], bot=["1"])
    assert languages() == [None, None], "a request does not look"
    run_job("anonymise")
    assert languages() == ["de", None]
    client.delete("/api/v1/me", headers={"Authorization": f"Bearer {alice}"})
    run_job("purge")
    assert languages() == [None, None]
