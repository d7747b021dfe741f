"""Persons by rules and lists: what stands around a name, lists of names, names in lower case, and what only looks like one."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import person
from sharelm.anonymise.detectors.person_runs import key_of

HITS = [
    ("Hi, I'm Alice Weber. Can you help?", ["Alice Weber"]),
    ("my name is alice weber and i live in a flat", ["alice weber"]),
    ("Dear Alice,\nplease call.\nBest,\nBob Tanaka", ["Alice", "Bob Tanaka"]),
    ("Dear Ms. Okonkwo, thank you", ["Ms. Okonkwo"]),
    ("Mr. and Mrs. Weber came", ["Mrs. Weber"]),
    ("holder Mercedes Wagner, exp 04/27", ["Mercedes Wagner"]),
    ("My landlord Zbigniew Wójcik called", ["Zbigniew Wójcik"]),
    ("Name: Allen Akhtakhanov\nAge: 34", ["Allen Akhtakhanov"]),
    ("Alice and Marieke van den Berg are late", ["Alice", "Marieke van den Berg"]),
    ("They were six: Alice, Mark, Priyanka and Malon.", ["Alice", "Mark", "Priyanka", "Malon"]),
    ("Ich heiße Annegret Hülsmann.", ["Annegret Hülsmann"]),
    ("Sehr geehrte Frau Brandstätter,", ["Frau Brandstätter"]),
    ("Mit freundlichen Grüßen\nTorsten Vogelsang", ["Torsten Vogelsang"]),
    ("Je m'appelle Élodie Marchand.", ["Élodie Marchand"]),
    ("mi hijo Unai tiene fiebre", ["Unai"]),
    ("Mio fratello Tommaso ha perso il lavoro", ["Tommaso"]),
    ("minha irmã Rafaela mora no Porto", ["Rafaela"]),
    ("Ik heet Sjoerd de Vries", ["Sjoerd de Vries"]),
    ("mój mąż Krzysztof jest lekarzem", ["Krzysztof"]),
    ("my brother Abdulrahman lives in Riyadh", ["Abdulrahman"]),
    ("why did deepak and anna leave?", ["deepak", "anna"]),
    ("hello, this is mr. derek crnic. who are you?", ["mr. derek crnic"]),
    ("Gregorina's address is below", ["Gregorina"]),
    ("J. Kowalski wrote it", ["J. Kowalski"]),
    ("Kosara Reisl\n12 Lange Street", ["Kosara Reisl"]),
    ("I met JOHN SMITH today", ["JOHN SMITH"]),
    ("Lisa O'Brien, PhD, agreed", ["Lisa O'Brien, PhD"]),
    ("My doctor is Dr. de Beer, her office is closed", ["Dr. de Beer"]),
    ("Mr. van Dam came", ["Mr. van Dam"]),
    ("My mother's maiden name is Porto.", ["Porto"]),
    ("The Walker family moved away", ["Walker"]),
    ("Palmer scored twice", ["Palmer"]),
    ("Alice left the band; Persson replaced her.", ["Alice", "Persson"]),
    ("Novels by Grant and Acevedo are on the list", ["Grant", "Acevedo"]),
    ("i text my ex maria back", ["maria"]),
    ("my sister narcisa is ill and mi novia calista too", ["narcisa", "calista"]),
    ("driver: wout dirksen\nplate: x", ["wout dirksen"]),
    ("could you pay martyn hunt?", ["martyn hunt"]),
    ("Kosara Reisl\nSandlid 12\nHolten", ["Kosara Reisl"]),
    ("When will you come? Love, Alice", ["Alice"]),
    ("Kind regards,\nAlice Weber\nTel: 12", ["Alice Weber"]),
    ("A doutora da Silva receitou um remédio", ["da Silva"]),
    ("Le docteur Charron m'a reçue", ["Charron"]),
    ("[10:32] Rose: you never listen", ["Rose"]),
    ("This is my new number. - Joy", ["Joy"]),
    ("Bedankt voor je mail. Groetjes, Mason", ["Mason"]),
    ("Pena and Wright founded it", ["Pena", "Wright"]),
    ("Ma mère Édith Dos Santos est née là", ["Édith Dos Santos"]),
    ("I know Alice Van Bragt", ["Alice Van Bragt"]),
    ("What's Cezary's number?", ["Cezary"]),
    ("Mayte, Julia and I are roommates", ["Mayte", "Julia"]),
    ("- name: Per Pettersson\n  email: x", ["Per Pettersson"]),
]
NEAR_MISSES = [
    "i forgot my gmail password and my login, whatsapp too",
    "Euler's number is larger than two",
    "- name: Checkout Repository\n- name: Build Image",
    "Name: Project Plan",
    "The request name is case sensitive. The surname is required.",
    "The Intel family of processors; the font family is serif",
    "my girlfriend is happy, my friend said no, i'm back, i am will ing",
    "Redis replaced Memcached. Django wrote the file.",
    "a Cookie instance, the Mozilla format, GraphQL and Tidelift",
    "Ruf mich an. Keys are section names. Works like rmdir.",
    "Release Notes\nVersion 3\nNew Features",
    "What is the difference between Django and Flask on Windows 11 with Visual Studio Code?",
    "Will you mark the rose in May? Grace under pressure, hope for joy.",
    "Dear Hiring Manager, Dear Sir or Madam, Dear Customer Service Team,",
    "I'm Happy to help. I am German. This is Python. It's Monday.",
    "Call me tomorrow. My name is not important.",
    "Paris, London and Berlin in April; Virginia or Georgia in June",
    "Stanford University, the Monty Hall problem, Wilson's disease",
    "class Anna(Base): pass\nAnna.find()\nself.Anna = Anna::new",
    "@Alice #Alice /Alice Alice() Alice_1",
    "    # 'Alice Weber'\n",
    "NASA, NATO and the FBI",
    "Step 1: Open Settings. Step 2: Click Privacy.",
    "Der Hund läuft durch den Wald und der Bäcker backt Brot.",
    "the router mac is slow, ping tom@example.org",
    "",
]


@pytest.mark.parametrize(("text", "names"), HITS)
def test_it_finds_persons(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_is_no_person(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("name", "key"),
    [("Ms. Anna  Rossi's", "anna rossi"), ("José", "jose"), ("Łukasz Żak", "lukasz zak"), ("Dr", "dr"), ("O'Brien", "o brien")],
)
def test_names_are_compared_without_titles_and_accents(name: str, key: str) -> None:
    assert " ".join(key_of(name)) == key


def found(text: str) -> list[str]:
    return list(dict.fromkeys(text[span.start : span.end] for span in sorted(person.find(text), key=lambda span: span.start)))
