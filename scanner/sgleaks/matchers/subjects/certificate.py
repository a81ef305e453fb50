"""Until when an X.509 certificate is valid, read from its PEM without a library: RFC 5280, section 4.1."""

from __future__ import annotations

import binascii
import re

PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s\\]{1,20000})-----END CERTIFICATE-----")
SEQUENCE, EXPLICIT_VERSION, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
CENTURY = 50  # RFC 5280: two digits from 50 on are of the twentieth century


def expiry(text: str) -> str:
    """The last day (ISO 8601) of the first certificate in a text; "" where there is none that can be read."""
    found = PEM.search(text)
    if not found:
        return ""
    try:
        der = binascii.a2b_base64(re.sub(r"\\n|\s", "", found[1]), strict_mode=True)
        return _not_after(der)
    except (ValueError, IndexError):
        return ""


def _not_after(der: bytes) -> str:
    _, certificate, _ = _element(der, 0)
    _, body, _ = _element(certificate, 0)
    at = 0
    tag, _, after = _element(body, 0)
    at = after if tag == EXPLICIT_VERSION else 0
    for _ in ("serial number", "signature algorithm", "issuer"):
        _, _, at = _element(body, at)
    tag, validity, _ = _element(body, at)
    if tag != SEQUENCE:
        return ""
    _, _, at = _element(validity, 0)
    tag, time, _ = _element(validity, at)
    return _date(tag, time.decode("ascii"))


def _element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """The tag and the content of the element at an offset, and where the next one begins. Raises ValueError."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise ValueError
    return tag, data[start : start + length], start + length


def _date(tag: int, time: str) -> str:
    if tag == UTC_TIME:
        time = f"{'19' if int(time[:2]) >= CENTURY else '20'}{time}"
    elif tag != GENERALIZED_TIME:
        return ""
    return f"{time[:4]}-{time[4:6]}-{time[6:8]}" if time[:8].isdigit() else ""
