"""Database triggers that make the audit trail append-only."""

from clinic.append_only import AppendOnly

TABLE = "audit_auditevent"
_TRIGGERS = AppendOnly(TABLE, "audit", "The audit trail is append-only.")
create, drop = _TRIGGERS.create, _TRIGGERS.drop
