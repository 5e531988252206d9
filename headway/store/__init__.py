"""The store: the truth about every job. Every statement runs here; a guest's may stand with it.

Workers write through `open_writer`, the web reads through `Reader`; `database` says which database
is behind both.
"""

from headway.store.reader import JobFilter, Reader
from headway.store.schema import ensure_schema
from headway.store.writer import Writer, open_writer

__all__ = ["JobFilter", "Reader", "Writer", "ensure_schema", "open_writer"]
