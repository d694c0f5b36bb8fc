from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbook.accounts.rules import (
    LENGTH,
    SIGNS,
    by_grade,
    code_from,
    dates_as_typed,
    folded,
    hash_of_code,
    in_latin,
    is_obvious,
    is_of_full_age,
    login_from,
    spaced,
)

CODES = st.text(alphabet=SIGNS, min_size=LENGTH, max_size=LENGTH)
# The same shape in the other alphabets, and the figures' look-alikes.
SHAPES = {"A": "АΑаa", "C": "Ссc", "E": "ЕеёЁe", "H": "НнΗh", "K": "КкΚk", "M": "МмΜm", "P": "РрΡp", "T": "ТтΤt", "X": "ХхΧx",
          "Y": "УуΥy", "2": "Zz", "3": "Зз", "4": "Чч", "5": "SsЅ", "6": "БбGg", "8": "ВвBb"}  # fmt: skip
BETWEEN = ["", " ", "-", "–", "—", "−", "\u00a0", "\u3000", "ー", "－", "‐", ".", "_"]


def wide(sign: str) -> str:
    """The sign as a Japanese keyboard writes it."""
    return chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign


def test_a_code_is_long_enough_to_be_beyond_guessing() -> None:
    assert len(set(SIGNS)) == len(SIGNS)
    assert LENGTH * math.log2(len(SIGNS)) >= 50


@given(code=CODES, data=st.data())
def test_a_code_is_understood_however_it_is_typed(code: str, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(BETWEEN))
    for sign in code:
        shape = data.draw(st.sampled_from([sign, sign.lower(), *SHAPES.get(sign, "")]))
        typed += (wide(shape) if data.draw(st.booleans()) else shape) + data.draw(st.sampled_from(BETWEEN))
    assert folded(typed) == code


@given(CODES)
def test_folding_changes_no_code(code: str) -> None:
    assert folded(code) == folded(spaced(code)) == code
    assert len(spaced(code)) == LENGTH + 2


@given(st.text(max_size=200))
def test_whatever_is_typed_becomes_a_code_or_nothing(typed: str) -> None:
    found = folded(typed)
    assert found == "" or (len(found) == LENGTH and set(found) <= set(SIGNS))


@pytest.mark.parametrize(
    "typed", ["", "K7AH", "K7AH-2M9T-X4P", "K7AH-2M9T-X4PCA", "K7AH-2M9T-X4PI", "0000-0000-0000", "A" * 5000]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert folded(typed) == ""


@given(st.binary(min_size=16, max_size=32), st.text(alphabet="0123456789abcdef", min_size=32, max_size=32))
def test_the_code_hangs_on_key_and_seed_alone(key: bytes, seed: str) -> None:
    code = code_from(key, seed)
    assert folded(code) == code == code_from(key, seed)
    assert code_from(key + b"x", seed) != code
    assert hash_of_code(key, code) != hash_of_code(key + b"x", code)


def test_signs_of_codes_are_spread_evenly() -> None:
    found = "".join(code_from(b"key", str(number)) for number in range(3000))
    counts = [found.count(sign) for sign in SIGNS]
    # 2,000 expected of each; six standard deviations.
    assert min(counts) > 2000 - 6 * 44
    assert max(counts) < 2000 + 6 * 44


@pytest.mark.parametrize(
    ("family", "given_name", "login"),
    [("Белова", "Марина", "belova.m"), ("Щёткин", "Юрий", "shchetkin.y"), ("Müller-Öz", "Änne", "mulleroz.a"), ("O'Brien", "Zoë", "obrien.z"),
     ("Łukasz", "Ola", "lukasz.o"), ("渡部", "樹", ""), ("Ли", "Ян", "li.y"), ("Е", "Ян", ""), ("Smith", "", "")],
)  # fmt: skip
def test_a_login_comes_out_of_the_name(family: str, given_name: str, login: str) -> None:
    assert login_from(family, given_name) == login


@given(st.text(max_size=60))
def test_latin_letters_are_all_that_a_login_has(name: str) -> None:
    assert all(sign in "abcdefghijklmnopqrstuvwxyz" for sign in in_latin(name))


KNOWN = ("Белова", "Марина", "Анна", "Zarechensk", "渡部", *dates_as_typed(date(2013, 5, 14)))


@pytest.mark.parametrize(
    "password",
    ["Белова14052013", "belova.marina", "АннаБелова!1", "zarechensk12", "Zarechensk!!", "14.05.2013!!", "1234567890", "qwertyuiop", "йцукенгшщз",
     "aaaaaaaaaaaa", "abababababab", "пароль123456", "parol2013!", "Classbook12", "1q2w3e4r5t", "渡部渡部渡部12345", ",tkjdf2013"],
)  # fmt: skip
def test_what_others_know_is_no_password(password: str) -> None:
    assert is_obvious(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "vier-lange-worte-hier",
        "зонтик борщ комета",
        "g7!kWq92vLxe",
        "北海道の白い犬と電車",
        "белый зонт Анны",
        "correct horse 13",
    ],
)
def test_four_words_are_a_password(password: str) -> None:
    assert not is_obvious(password, KNOWN)


def test_full_age_begins_on_the_birthday() -> None:
    born = date(2008, 11, 19)
    assert not is_of_full_age(born, date(2026, 11, 18))
    assert is_of_full_age(born, date(2026, 11, 19))
    assert not is_of_full_age(None, date(2026, 11, 19))
    assert not is_of_full_age(date(2008, 2, 29), date(2026, 2, 28))


def test_classes_sort_by_grade() -> None:
    assert sorted(["10А", "2Б", "2А", "-"], key=by_grade) == ["-", "2А", "2Б", "10А"]
