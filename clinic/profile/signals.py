"""The one signal by which news travels up: the clinic's days begin at another moment from now on."""

from django.dispatch import Signal

#: Sent inside the transaction of the change, before its commit: a listener that fails undoes the change.
time_zone_changed = Signal()
