"""Which Tidemark this is. The image holds no pyproject.toml, so the number stands here; a test keeps both alike."""

VERSION = "0.1.0"
