"""The text of one number, the same in sentences, drawings and formulas.

Owns rounding and spelling only; which number is meant, and where it stands, is the caller's business.
"""

from __future__ import annotations

import math

from app.core.trace import Scalar

MINUS = "−"
SUPERSCRIPT = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
WHOLE_LIMIT = 10**6
"""Magnitude below which `auto` writes a number out."""
SMALLEST_PLAIN = -3
"""Decimal exponent down to which `auto` writes a number out: 0.001 is plain, 0.0001 is 1×10⁻⁴."""
FIXED_LIMIT = 15
"""Decimal exponent beyond which even `fixed` takes powers of ten: nobody counts twenty zeros."""


def number_text(x: Scalar | None, digits: int = 4, num: str = "auto") -> str:
    """Spell `x` with `digits` significant digits, without trailing zeros, with a real minus sign.

    `num` is `auto`, `fixed` or `sci`. Digits before the decimal point are never rounded away in plain notation,
    so 12345.6 is 12346 and not 12350. Zero digits count as one. Integers are exact except under `sci`.
    """
    if x is None:
        return "None"
    if isinstance(x, bool):
        return "True" if x else "False"
    if isinstance(x, dict):
        return _complex_text(x.get("re", 0.0), x.get("im", 0.0), digits, num)
    if isinstance(x, str):
        return {"inf": "∞", "-inf": MINUS + "∞"}.get(x, "nan")
    if isinstance(x, int) and (num != "sci" or abs(x) >= 2**1000):
        return str(x).replace("-", MINUS)
    return _float_text(float(x), max(digits, 1), num)


def _complex_text(re: Scalar, im: Scalar, digits: int, num: str) -> str:
    imaginary = number_text(im, digits, num)
    sign = "" if imaginary.startswith(MINUS) else "+"
    return f"{number_text(re, digits, num)}{sign}{imaginary}j"


def _float_text(x: float, digits: int, num: str) -> str:
    if math.isnan(x):
        return "nan"
    sign = MINUS if x < 0 else ""
    if math.isinf(x):
        return sign + "∞"
    if x == 0:
        return "0"
    mantissa, _, power = f"{abs(x):.{digits - 1}e}".partition("e")
    exponent = int(power)
    extreme = num != "fixed" and (exponent < SMALLEST_PLAIN or abs(x) >= WHOLE_LIMIT - 0.5)
    if num == "sci" or extreme or abs(exponent) > FIXED_LIMIT:
        return f"{sign}{_trimmed(mantissa)}×10{str(exponent).replace('-', MINUS).translate(SUPERSCRIPT)}"
    return sign + _trimmed(f"{abs(x):.{max(digits - 1 - exponent, 0)}f}")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
