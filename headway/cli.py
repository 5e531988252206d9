"""The command `headway`. Each subcommand imports what it runs when it runs, so help is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

WEB = ("quart", "quart_schema", "hypercorn", "h11", "aiosqlite", "prometheus_client")


def main() -> None:
    """Run the command, with modules of the current folder before installed ones, as `python -m`."""
    here = str(Path.cwd())
    if not sys.flags.safe_path and not {here, ""} & set(sys.path[:1]):
        sys.path.insert(0, here)
    headway(prog_name="headway")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headway")
def headway() -> None:
    """Background jobs that people can watch.

    Settings come from options, the environment and .env, in this order.
    """


def _setting(option: str, name: str, text: str) -> Callable[[Any], Any]:
    """An option that sets a setting; checked, like every setting, when all are read."""

    def keep(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
        if value is not None:
            from headway.settings import override  # noqa: PLC0415  # see the top

            override(name, value)

    return click.option(option, expose_value=False, callback=keep, metavar=name, help=text)


_redis = _setting("--redis", "REDIS_URL", "The Redis that carries queues and changes.")
_database = _setting("--database", "DATABASE_URL", "The store: sqlite:///… or postgresql://…")
_data_dir = _setting("--data-dir", "DATA_DIR", "Folder of the database and of jobs' files.")
_kinds = _setting("--kinds", "KINDS", "Modules with kinds of jobs, separated by commas.")


@headway.command()
@_setting("--host", "HOST", "Address to listen on.")
@_setting("--port", "PORT", "Port to listen on; 0 takes any free one.")
@_redis
@_database
@_data_dir
@_kinds
@click.option("--temporary", is_flag=True, help="Keep the store and files only while this runs.")
def web(temporary: bool) -> None:
    """Serve the pages, the API and the streams."""
    from headway.extras import require  # noqa: PLC0415  # see the top
    from headway.settings import override  # noqa: PLC0415

    require("web", *WEB)
    # By name: the library does not depend on the web side, which is built on it.
    serve = import_module("quart_app.__main__").main
    if not temporary:
        serve()
        return
    with TemporaryDirectory(prefix="headway-", ignore_cleanup_errors=True) as folder:
        override("DATA_DIR", folder)
        override("DATABASE_URL", "")
        serve()


@headway.command()
@click.argument("queues", metavar="[QUEUE]...", nargs=-1)
@click.option("--queues", "listed", default="", metavar="A,B", help="The same, in one word.")
@click.option("--burst", is_flag=True, help="End when the queues are empty.")
@_redis
@_database
@_data_dir
@_kinds
def worker(queues: tuple[str, ...], listed: str, burst: bool) -> None:
    """Run jobs: one process for each QUEUE, or for each queue that a kind uses."""
    from headway.supervisor import supervise  # noqa: PLC0415  # see the top

    names = [*queues, *(name.strip() for name in listed.split(","))]
    supervise([name for name in names if name], burst=burst)


@headway.command("redis")
@_redis
@_data_dir
def local_redis() -> None:
    """Serve the bundled Valkey at REDIS_URL, unless a Redis answers there."""
    from headway.local_redis import main as serve  # noqa: PLC0415  # see the top

    serve()
