"""Initial passwords: made by chance, easy to read out and to type, shown once and kept nowhere."""

import secrets

_CONSONANTS = "bdfghjklmnprstvwz"
_VOWELS = "aeiou"
_GROUPS, _SHAPE = 4, (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)


def initial_password() -> str:
    """Four made-up words such as "kemut-ropav-zisel-dawob": 122,825 to the fourth, about 67 bits."""
    return "-".join("".join(secrets.choice(letters) for letters in _SHAPE) for _ in range(_GROUPS))
