"""The one signal by which news travels up: the records of these patients changed in a way that outcomes depend on."""

from django.dispatch import Signal

#: Sent after the commit with `patient_ids: frozenset[int]`.
record_changed = Signal()
