"""Whom a text names: by full name, by surname after a title, by badge number, however it is dressed up."""

import pytest

from backend.feedback.concerns.names import Names

NAMES = Names(
    [
        ("doe", "Jane A. Doe", "1234"),
        ("oneil", "Sean O'Neil", ""),
        ("cruz", "María de la Cruz-López", "077"),
        ("mono", "Zorro", ""),
        ("doe2", "Richard Doe", "D-45"),
        ("street", "Della Street", ""),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Officer Doe was rude", {"doe", "doe2"}),
        ("OFFICER DOE", {"doe", "doe2"}),
        ("Officers Smith and Doe came", {"doe", "doe2"}),
        ("ofc. doe", {"doe", "doe2"}),
        ("Lt. Doe", {"doe", "doe2"}),
        ("Police Officer Doe", {"doe", "doe2"}),
        ("Det. J. Doe", {"doe", "doe2"}),
        ("Jane Doe hit me", {"doe"}),
        ("jane allison doe", {"doe"}),
        ("Doe, Jane", {"doe"}),
        ("Officer Jane Doe", {"doe"}),
        ("Sgt. O’Neil's car", {"oneil"}),
        ("sergeant oneil", {"oneil"}),
        ("oficial CRUZ", {"cruz"}),
        ("la agente López", {"cruz"}),
        ("Maria de la Cruz", {"cruz"}),
        ("el policía Cruz", {"cruz"}),
        ("badge 1234", {"doe"}),
        ("Badge number: 1234", {"doe"}),
        ("badge # 1234.", {"doe"}),
        ("#1234", {"doe"}),
        ("DSN 77", {"cruz"}),
        ("placa número 077", {"cruz"}),
        ("badge D45", {"doe2"}),
        ("O\u200bfficer Doe", {"doe", "doe2"}),
        ("Officer\u200bDoe", {"doe", "doe2"}),
        ("Officer D\u00ado\u2060e", {"doe", "doe2"}),
        ("\u202eeoD reciffO\u202c was rude", {"doe", "doe2"}),
        ("Officer Ｄｏｅ", {"doe", "doe2"}),
        ("Officer Dо\u0435", {"doe", "doe2"}),
        ("badge １２３４", {"doe"}),
        ("Officer Zorro", {"mono"}),
        ("Officer 1234 pushed me", {"doe"}),
        ("Officer No. 1234", {"doe"}),
        ("officer1234", {"doe"}),
        ("DSN1234", {"doe"}),
        ("badge1234", {"doe"}),
        ("Sgt Mike Doe hit me", {"doe", "doe2"}),
        ("Ofc. Mike Doe", {"doe", "doe2"}),
        ("Officer Rick Doe and Mike O'Neil", {"doe", "doe2", "oneil"}),
        ("Officer named Doe", {"doe", "doe2"}),
        ("an officer by the name of Doe", {"doe", "doe2"}),
        ("officer is Doe", {"doe", "doe2"}),
        ("SgtDoe", {"doe", "doe2"}),
        ("P.O. Doe", {"doe", "doe2"}),
        ("police man Doe", {"doe", "doe2"}),
        ("Officer R.D. Cruz", {"cruz"}),
        ("77 officers", set()),
        ("the police came 77 times", set()),
        ("Call the police to Grand Street", set()),
        ("an officer came, and later a car hit a doe", set()),
        ("Zorro", set()),
        ("a doe ran across the street", set()),
        ("the officer said street lights are out", set()),
        ("the street", set()),
        ("apartment 1234", set()),
        ("1234 Olive Street", set()),
        ("badge 9999", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_who_is_named(text: str, found: set[str]) -> None:
    assert NAMES.found_in(text) == found


def test_an_empty_roster_names_nobody() -> None:
    assert Names([]).found_in("Officer Doe, badge 1") == set()
