"""Street addresses in the languages that they are looked for in, what follows them, and what only looks like one."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import street_address

HITS = [
    # English
    ("I live at 12 Baker Street, please", ["12 Baker Street"]),
    ("send it to 7319 Taylor Oval Suite 833, North Susan, ND 32954 today", ["7319 Taylor Oval Suite 833, North Susan, ND 32954"]),
    ("the flat (Flat 3, 18 Elm Grove, London SW1A 1AA) is cold", ["Flat 3, 18 Elm Grove, London SW1A 1AA"]),
    ("230 West 42nd Street, New York, NY 10036", ["230 West 42nd Street, New York, NY 10036"]),
    ("i live at 87 fox reach, new markhaven, nt, 2621 pls help", ["87 fox reach, new markhaven, nt, 2621"]),
    ("Unit 3140 Box 8386, DPO AP 35404", ["Unit 3140 Box 8386, DPO AP 35404"]),
    ("write to P.O. Box 1234 please", ["P.O. Box 1234"]),
    ("my zip code is 29687", ["29687"]),
    ("near SW1A 1AA", ["SW1A 1AA"]),
    # German
    ("Meine Anschrift: Hauptstraße 12a, 10115 Berlin.", ["Hauptstraße 12a, 10115 Berlin"]),
    ("Sie finden uns Am Alten Markt 3, 50667 Köln", ["Am Alten Markt 3, 50667 Köln"]),
    ("Kreszentia-Döhn-Weg 96/51\n45395 Ueckermünde", ["Kreszentia-Döhn-Weg 96/51\n45395 Ueckermünde"]),
    ("Postfach 12 34", ["Postfach 12 34"]),
    # French
    ("J'habite 12 bis rue de la République, 69002 Lyon", ["12 bis rue de la République, 69002 Lyon"]),
    ("56, chemin de Vidal\n83825 Huet", ["56, chemin de Vidal\n83825 Huet"]),
    # Spanish
    ("Vivo en la Calle Mayor 12, 3º B, 28013 Madrid", ["Calle Mayor 12, 3º B, 28013 Madrid"]),
    ("Cl. 4A # 52F-98 Sur", ["Cl. 4A # 52F-98 Sur"]),
    # Italian
    ("Abito in Via Giuseppe Verdi 24, 20121 Milano (MI)", ["Via Giuseppe Verdi 24, 20121 Milano (MI)"]),
    ("Viale Borromeo, 42, 53048, Bettolle (SI)", ["Viale Borromeo, 42, 53048, Bettolle (SI)"]),
    # Portuguese
    ("Rua das Flores, 123, 1000-205 Lisboa", ["Rua das Flores, 123, 1000-205 Lisboa"]),
    # Dutch
    ("Prinsengracht 263, 1016 GV Amsterdam", ["Prinsengracht 263, 1016 GV Amsterdam"]),
    # Polish
    ("Mieszkam przy ul. Długiej 5/7, 00-238 Warszawa", ["ul. Długiej 5/7, 00-238 Warszawa"]),
    # Further ones
    ("Kungsgatan 4, 111 43 Stockholm", ["Kungsgatan 4, 111 43 Stockholm"]),
    ("Andrássy út 60", ["Andrássy út 60"]),
    ("Mannerheimintie 5, 00100 Helsinki", ["Mannerheimintie 5, 00100 Helsinki"]),
    ("Prusíkova 1, 454 11 Hanušovice", ["Prusíkova 1, 454 11 Hanušovice"]),
    # Blocks, told addresses
    ("Lindenhof 5\n12345 Musterstadt", ["Lindenhof 5\n12345 Musterstadt"]),
    ("> 71 Paraguay 87\n> Apt. 5\n> Alcalalí\n> Gabon 66298", ["71 Paraguay 87\n> Apt. 5\n> Alcalalí\n> Gabon 66298"]),
    ("She lives at 71 Paraguay 87, Alcalalí", ["71 Paraguay 87, Alcalalí"]),
    ("meet me at the corner of 12 Oak Street and Rose Avenue", ["the corner of 12 Oak Street and Rose Avenue"]),
    ("towed from Rua do Carvalhido, 957. Help", ["Rua do Carvalhido, 957."]),
    ("multa in Via Mantegazza, 13", ["Via Mantegazza, 13"]),
    ("multa in Vicolo Turchi, 74 Appartamento 0", ["Vicolo Turchi, 74 Appartamento 0"]),
    ("elle habite 31314 rang Picard.", ["31314 rang Picard"]),
    ("Strada Dochioiu Nr. 367 Bl. 18 Ap. 352, Magurele, 518052", ["Strada Dochioiu Nr. 367 Bl. 18 Ap. 352, Magurele, 518052"]),
    ("Flat 83, 89 Harper Flats", ["Flat 83, 89 Harper Flats"]),
    ("Unit 90 507 Ryan Corner", ["Unit 90 507 Ryan Corner"]),
    ('{"address": "Silkegade 779", "email": 1}', ["Silkegade 779"]),
    ("my neighbour at Solbergskrenten 3 plays", ["Solbergskrenten 3"]),
    ("The party is at Budějovická 6, Podbořany.", ["Budějovická 6, Podbořany"]),
    ("bydlím na adrese Adélčina 5, 368 65 Železný Brod, ok", ["Adélčina 5, 368 65 Železný Brod"]),
    ("osoitteeni on Kaipiaisen kuja 082, 86176 Myrskylä ja", ["Kaipiaisen kuja 082, 86176 Myrskylä"]),
    ("Ich wohne in der Jopichgasse 70\n48339 Kemnath. Meine Telefonnummer", ["Jopichgasse 70\n48339 Kemnath"]),
    ("Mariazeller Straße 5, 3100 St. Pölten", ["Mariazeller Straße 5, 3100 St. Pölten"]),
    ("a címem Bajai tér 139., H-3785 Fürdővár, telefonszámom 06", ["Bajai tér 139., H-3785 Fürdővár"]),
    ("Forward my mail to Ady endre utca 150., H-8954 Székesfehérvár, please", ["Ady endre utca 150., H-8954 Székesfehérvár"]),
    ("I'll be at Stretto Giovanni, 756 around", ["Stretto Giovanni, 756"]),
    ("The house on Maartjebaan 41 belongs", ["Maartjebaan 41"]),
    ("5456 benjamin grove\ncarlamouth, bc g6b 4y7", ["5456 benjamin grove\ncarlamouth, bc g6b 4y7"]),
    ("Bill to: Alice Weber\nSandlid 880\nHolten", ["Sandlid 880"]),
    ("Her address used to be 81060 Stephanie Haven, New Shawn, HI 89106.", ["81060 Stephanie Haven, New Shawn, HI 89106"]),
    ("Alice Weber\nSandlid 880\nHolten\n061 2526061", ["Sandlid 880"]),
    ("joshua duke\n0 jennifer intersection\nst. glenda\n", ["0 jennifer intersection"]),
    ("Alice Weber\n40463 Michael Islands\nDayport\n\nDear Bob", ["40463 Michael Islands"]),
]

NEAR_MISSES = [
    "Release Notes\nVersion 3\nNew Features",
    "Alice Weber\nPage 3\nNext Steps",
    "Alice Weber\nhas 3 cats\nand a dog",
    "I'll be at work by 7.",
    "The meeting on Windows 11 begins.",
    "Unit 5 Key Points",
    "Level 5 Mountain View",
    "We moved to Fedora 39.",
    "The party is at 8 on Friday, dinner at 7.",
    "My flat is 3 years old and my house is 120 m2 big.",
    "parked at Terminal 5",
    "address = 'foo 3'",
    "Sent via Email, 5 times",
    "In 2019 the company opened 12 new offices in Berlin.",
    "Chapter 5 The Long Road begins on page 120.",
    "The 10 Best Hiking Trails in Colorado",
    "Windows 10, Ubuntu 22 and Debian 12",
    "500 GB Drive, 3 Hard Drive bays",
    "9 Supreme Court judges",
    "Spring 5, Monitoring 2 and Notepad 7",
    "Im Jahr 2015 wurden 12000 Wohnungen gebaut.",
    "Am Montag 5 Uhr treffen wir uns. Im Kapitel 3 steht mehr.",
    "Le 14 juillet 1789. La place 3 est libre.",
    "Nel 2020 abbiamo venduto 500 prodotti via web. Via Python 3 si può fare.",
    "W 2020 roku 12 osób. Rozdział 5, strona 120.",
    "I moved to Germany in 2015 and lived there 3 years.",
    "She lives in New York City, population 8 million.",
    "Send it to 3 people. Meet me at 5. Please return to step 5.",
    "Memory address: 4096. IP address ranges 0-255. The email address must have 6 characters.",
    "abito in Italia dal 1998",
    "wohne seit 5 Jahren in München, 3 Zimmer, 80 qm",
    "Vol. 14, No. 2, pp. 123-145",
    "January 15, 2024, Paris, France",
    "1 Apple, 2 Pears, 3 Plums",
    "Monday 5, Tuesday 6",
    "51 Franklin Street, Fifth Floor, Boston",
    "10 Downing Street",
    "# 12345",
    "ZIP64 format, which can handle large files",
    "0x7fff5fbff8c0",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_addresses(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_an_address(text: str) -> None:
    assert found(text) == []


def found(text: str) -> list[str]:
    """The longest of what overlaps, as it would be replaced."""
    spans = sorted(street_address.find(text), key=lambda span: (span.start, -span.end))
    assert {span.entity_type for span in spans} <= {"STREET_ADDRESS"}
    kept: list[tuple[int, int]] = []
    for span in spans:
        if kept and span.start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], span.end))
        else:
            kept.append((span.start, span.end))
    return [text[start:end] for start, end in kept]
