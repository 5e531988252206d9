"""Which database a test's store is in: one behaviour, tried on each."""

from __future__ import annotations

import pytest

SQLITE = "sqlite"
POSTGRESQL = "postgresql"

# Marks for a test, or as `pytestmark` for a file.
ON_BOTH = pytest.mark.parametrize("database", [SQLITE, POSTGRESQL], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
