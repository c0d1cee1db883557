"""Database triggers that keep a letter as it was made."""

from clinic.append_only import AppendOnly

TABLE = "letters_letter"
_TRIGGERS = AppendOnly(TABLE, "letters", "Letters are append-only.")
create, drop = _TRIGGERS.create, _TRIGGERS.drop
