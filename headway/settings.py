"""The settings: what can be set, and its values, from options, the environment and `.env`."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError, field_validator

from headway.addresses import (
    POSTGRESQL,
    SQLITE,
    database_address,
    redis_address,
    without_password,
)
from headway.env_file import BadLine, values_given
from headway.errors import BadSetting

ENV_FILE = ".env"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")

# What the command line sets, by the settings' names.
_overridden: dict[str, str] = {}


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Everything that can be set, each with unit, default and a sentence."""

    redis_url: Annotated[str, AfterValidator(redis_address)] = Field(
        "redis://127.0.0.1:6379/0",
        description="The Redis (or Valkey) that carries the queues and the changes.",
        examples=["redis://127.0.0.1:6379/0"],
    )
    database_url: Annotated[str, AfterValidator(database_address)] = Field(
        "",
        description="The store, SQLite or PostgreSQL. Empty means `headway.db` in `DATA_DIR`.",
        examples=["sqlite:////srv/headway/headway.db", "postgresql://me:secret@db/headway"],
    )
    data_dir: Path = Field(
        Path("data"),
        description="Folder of the database, artifacts, uploads and the bundled Redis' files.",
        examples=["/srv/headway"],
    )
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on; another than loopback needs `HEADWAY_OPEN=1`.",
        examples=["127.0.0.1"],
    )
    port: int = Field(
        5000,
        ge=0,
        le=65535,
        description="Port to listen on; 0 takes any free one.",
        examples=[5000],
    )
    headway_open: bool = Field(
        False,
        description="`1` says the network is trusted: Host is not checked, Origin only of changes.",
        examples=[1],
    )
    allowed_hosts: str = Field(
        "",
        description="Comma-separated host names that Headway answers to beside this machine's.",
        examples=["headway.example,jobs.example"],
    )
    url_prefix: str = Field(
        "",
        description="Where Headway is on its site, when that is not the site's root.",
        examples=["/jobs"],
    )
    job_timeout_seconds: int = Field(
        1800,
        ge=1,
        description="Time limit, in seconds, of a job whose kind names none.",
        examples=[1800],
    )
    kinds: str = Field(
        "",
        description="Comma-separated modules to import for kinds beside those under `jobs/`.",
        examples=["myapp.imports,myapp.mails"],
    )
    examples: bool = Field(
        True,
        description="`0` leaves out the kinds that are examples, with their pages and tables.",
        examples=[0],
    )
    mirror: bool = Field(
        True,
        description="`0` leaves out what RQ alone has of other programs' jobs and workers.",
        examples=[0],
    )
    lease_seconds: float = Field(
        12.0,
        ge=2,
        description="Silence, in seconds, after which a worker is lost and its job stalled.",
        examples=[12],
    )
    upload_limit_bytes: int = Field(
        10 * 1024 * 1024,
        ge=1024,
        description="Largest file, such as a photo, that a form may bring, in bytes.",
        examples=[10485760],
    )
    stream_limit: int = Field(
        5000,
        ge=1,
        description=(
            "Most streams open at once in one web process (fewer where `ulimit -n` is small); "
            "one more gets 503."
        ),
        examples=[5000],
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        if not all(HOST_NAME.fullmatch(name) for name in _parts(value)):
            raise ValueError("must be only host names, without scheme, port or *")
        return value

    @field_validator("url_prefix")
    @classmethod
    def _path_of_site(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and not PREFIX.fullmatch(value):
            raise ValueError("must be a path of letters, digits and -._~ that begins with a slash")
        if f"{value}/".startswith("/api/"):
            raise ValueError("must not begin with /api, where the API's own addresses begin")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        # A worker's job may change its working directory; a relative path would then move.
        return value.expanduser().absolute()

    @property
    def on_postgresql(self) -> bool:
        """True if the store is a PostgreSQL database, False if it is a file."""
        return self.database_url.startswith(POSTGRESQL)

    @property
    def database_path(self) -> Path:
        """The file of a store on SQLite."""
        if not self.database_url:
            return self.data_dir / "headway.db"
        return Path(self.database_url.removeprefix(SQLITE)).absolute()

    @property
    def store_name(self) -> str:
        """What the store is called in a log: its file, or its address without the password."""
        if self.on_postgresql:
            return without_password(self.database_url)
        return str(self.database_path)

    @property
    def on_loopback(self) -> bool:
        """True if only this machine can reach the server."""
        return self.host in LOOPBACK_HOSTS

    @property
    def kind_modules(self) -> tuple[str, ...]:
        """The modules that `KINDS` names."""
        return _parts(self.kinds)

    @property
    def allowed_names(self) -> frozenset[str]:
        """The hosts that `ALLOWED_HOSTS` names, in lower case."""
        return frozenset(_parts(self.allowed_hosts.lower()))


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Read the settings once for the whole process; raises BadSetting like `read_settings`."""
    return read_settings()


def override(name: str, value: str) -> None:
    """Set a setting, by its name in the environment, whatever else says."""
    os.environ[name] = value  # for processes that are started, not forked
    _overridden[name.lower()] = value
    load_settings.cache_clear()


def read_settings(*, env_file: str | None = ENV_FILE, **overrides: Any) -> Settings:
    """Read the environment and `.env`; `overrides` take precedence.

    Raises BadSetting naming the variable, the problem with its value and an example.
    """
    try:
        given = values_given(env_file, list(Settings.model_fields))
        settings = Settings.model_validate(given | _overridden | overrides)
    except BadLine as error:
        raise BadSetting(str(error)) from None
    except ValidationError as error:
        raise BadSetting(_explain(error)) from None
    if not settings.on_loopback and not settings.headway_open:
        raise BadSetting(
            f"HOST={settings.host!r}: other machines could reach every job. Set HEADWAY_OPEN=1 to"
            " say that this network is trusted, or use HOST=127.0.0.1."
        )
    return settings


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0])
        field = Settings.model_fields[name]
        example = (field.examples or [field.default])[0]
        given = problem.get("input")
        if isinstance(given, str):
            given = without_password(given)
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{name.upper()}={given!r}: {message}. Example: {name.upper()}={example}")
    return "\n".join(lines)
