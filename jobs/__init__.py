"""The kinds of this checkout, each a file or a folder; `from jobs import kind` works too."""

from headway import kind, report

__all__ = ["EXAMPLES", "kind", "report"]

# What EXAMPLES=0 leaves out.
EXAMPLES = ("character", "story")
