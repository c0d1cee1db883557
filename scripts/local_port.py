"""The port a server on this machine is asked for with PORT=, looked at before anything is started."""

import os
import socket
from contextlib import closing


class CannotServeError(Exception):
    """What stands in the way, with what to do about it, in one line."""


def port(target: str) -> int:
    """The port asked of this make target. Raises CannotServeError when it is no port or somebody listens there."""
    given = os.environ.get("PORT", "8000")
    if not given.isdecimal() or not 1024 <= int(given) <= 65535:
        raise CannotServeError(
            f"PORT is {given!r}: choose a number from 1024 to 65535, such as make {target} PORT=8001"
        )
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(given)))
        except OSError as error:
            raise CannotServeError(
                f"Port {given} is in use ({error.strerror}). Choose another one: make {target} PORT={int(given) + 1}"
            ) from error
    return int(given)
