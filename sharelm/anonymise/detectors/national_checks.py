"""Check digits of national numbers that `python-stdnum` does not know."""

from __future__ import annotations

from collections.abc import Callable


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_german_insurance(value: str) -> bool:
    """Versicherungsnummer (§ 147 SGB VI): area, birthday, initial as two digits, serial; weights 2 1 2 5 7 1 2 1 2 1 2 1, digit sums, modulo 10."""
    compact = value.replace(" ", "")
    if not 1 <= int(compact[4:6]) <= 12 or not compact[8].isalpha():
        return False
    digits = f"{compact[:8]}{ord(compact[8]) - 64:02d}{compact[9:11]}"
    products = (int(digit) * weight for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(compact[11])


def _is_british_insurance(value: str) -> bool:
    """National Insurance number: no check digit, but few prefixes are given out and the last letter is A to D (HMRC, NIM39110)."""
    prefix = value[:2]
    return (
        prefix[0] not in "DFIQUV" and prefix[1] not in "DFIOQUV" and prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"} and value[-1] in "ABCD"
    )


def _is_chinese_id(value: str) -> bool:
    """GB 11643: area, birthday, serial, and a check character after ISO 7064, modulo 11-2."""
    month, day = int(value[10:12]), int(value[12:14])
    is_day = value[6:8] in {"19", "20"} and 1 <= month <= 12 and 1 <= day <= 31
    return (
        is_day and value[0] in "123456789" and "10X98765432"[_weighted(value, tuple(2**power % 11 for power in range(17, 0, -1))) % 11] == value[17]
    )


def _is_hong_kong_id(value: str) -> bool:
    letters, digits = value[:-3].rstrip("0123456789"), value[:-3].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    codes = [36] * (2 - len(letters)) + [ord(letter) - 55 for letter in letters] + [int(digit) for digit in digits]
    last = 10 if value[-2] == "A" else ord(value[-2]) - 48
    return (sum(code * weight for code, weight in zip(codes, range(9, 1, -1), strict=True)) + last) % 11 == 0


def _is_singapore_id(value: str) -> bool:
    if value[0] not in "STFGM":
        return False
    total = _weighted(value[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(value[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK"}.get(value[0], "KLJNPQRTUWX")
    return letters[total % 11 if value[0] != "M" else 10 - total % 11] == value[8]


def _is_taiwanese_id(value: str) -> bool:
    code = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(value[0]) + 10
    return value[1] in "1289" and (code // 10 + code % 10 * 9 + _weighted(value[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def _is_russian_insurance(value: str) -> bool:
    digits = "".join(filter(str.isdecimal, value))
    return _weighted(digits[:9], (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100 == int(digits[9:])


def _is_uruguayan_id(value: str) -> bool:
    digits = "".join(filter(str.isdecimal, value))
    return -_weighted(digits[:7], (2, 9, 8, 7, 6, 3, 4)) % 10 == int(digits[7])


OWN_CHECKS: dict[str, Callable[[str], bool]] = {
    "german_insurance": _is_german_insurance,
    "chinese_id": _is_chinese_id,
    "british_insurance": _is_british_insurance,
    "hong_kong_id": _is_hong_kong_id,
    "singapore_id": _is_singapore_id,
    "taiwanese_id": _is_taiwanese_id,
    "russian_insurance": _is_russian_insurance,
    "uruguayan_id": _is_uruguayan_id,
}
