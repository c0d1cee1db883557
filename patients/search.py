"""Search keys: how a name or number is found however it is typed."""

import unicodedata

#: Letters that Unicode does not take apart into a base letter and an accent.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


def search_key(text: str) -> str:
    """Casefolded, accents stripped, runs of white space as one blank: "Łucja  Ångström" gives "lucja angstrom"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.translate(_LETTERS).split())
