"""The parts of the room's page: each module turns a `Room` into what its template prints."""
