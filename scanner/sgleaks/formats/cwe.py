"""Titles of the weaknesses that rules name, as MITRE gives them (https://cwe.mitre.org, by sarif-multitool 5.7.0).

A weakness that is not in the table, of a user's own rule, is shown by its number.
"""

from __future__ import annotations

TITLES = {
    200: "Exposure of Sensitive Information to an Unauthorized Actor",
    201: "Insertion of Sensitive Information Into Sent Data",
    250: "Execution with Unnecessary Privileges",
    256: "Plaintext Storage of a Password",
    259: "Use of Hard-coded Password",
    284: "Improper Access Control",
    285: "Improper Authorization",
    287: "Improper Authentication",
    290: "Authentication Bypass by Spoofing",
    295: "Improper Certificate Validation",
    298: "Improper Validation of Certificate Expiration",
    306: "Missing Authentication for Critical Function",
    308: "Use of Single-factor Authentication",
    312: "Cleartext Storage of Sensitive Information",
    319: "Cleartext Transmission of Sensitive Information",
    324: "Use of a Key Past its Expiration Date",
    345: "Insufficient Verification of Data Authenticity",
    347: "Improper Verification of Cryptographic Signature",
    477: "Use of Obsolete Function",
    521: "Weak Password Requirements",
    522: "Insufficiently Protected Credentials",
    532: "Insertion of Sensitive Information into Log File",
    538: "Insertion of Sensitive Information into Externally-Accessible File or Directory",
    540: "Inclusion of Sensitive Information in Source Code",
    598: "Use of HTTP Request With Sensitive Query String",
    636: "Not Failing Securely ('Failing Open')",
    653: "Improper Isolation or Compartmentalization",
    693: "Protection Mechanism Failure",
    732: "Incorrect Permission Assignment for Critical Resource",
    778: "Insufficient Logging",
    798: "Use of Hard-coded Credentials",
    829: "Inclusion of Functionality from Untrusted Control Sphere",
    922: "Insecure Storage of Sensitive Information",
    1188: "Initialization of a Resource with an Insecure Default",
}


def name_of(number: int) -> str:
    """``CWE-798``."""
    return f"CWE-{number}"


def title_of(number: int) -> str:
    """What MITRE calls it, or its name where the table has none."""
    return TITLES.get(number, name_of(number))


def page_of(number: int) -> str:
    """Address of its page."""
    return f"https://cwe.mitre.org/data/definitions/{number}.html"
