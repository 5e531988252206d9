"""The pages of one job: how it goes, its actions, and the form that starts one of any kind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from quart import Blueprint, redirect, render_template, request
from quart.typing import ResponseReturnValue
from quart_schema import validate_querystring

from headway.errors import BadParameters
from headway.files import artifact_path
from headway.kinds.kind import Kind
from headway.kinds.registry import find, kinds
from headway.model.record import Action, Artifact, JsonDict, Record, address_of, now
from headway.settings import Settings
from quart_app.access import gate
from quart_app.addresses import base, linked
from quart_app.api.request_models import ARTIFACT_ROWS, ArtifactQuery
from quart_app.door.request_parsing import posted_form
from quart_app.guests import guests
from quart_app.pages.cursor import cursor
from quart_app.pages.form_key import key_of
from quart_app.pages.kind_form import DELAY, at_fields, due_of, fields_of, typed
from quart_app.pages.timeline import timeline
from quart_app.services import services

TEXT_BYTES = 64 * 1024  # the longest text file that a page shows
TEXTS_BYTES = 4 * TEXT_BYTES  # of all of them together
PAGE_ARTIFACTS = 50  # the first files of a job; all of them are a link away
SHOWN_ATTEMPTS = 20  # the newest ones, each with its traceback; the others are a link away
LOG_LINES = 500  # the newest lines that a page shows at once; the rest is a link away
SEE_OTHER = 303  # a form that was posted ends on a page that may be reloaded

pages = Blueprint("jobs", __name__)


@pages.get("/jobs/<job_id>")
async def show(job_id: str) -> str:
    """How one job goes."""
    here, since = services(), cursor()
    record = await gate().job(job_id)
    files = await here.reader.artifacts(record.id, most=PAGE_ARTIFACTS)
    attempts = await here.reader.attempts(record.id)
    hidden = max(0, record.log_lines - LOG_LINES)
    return await render_template(
        "jobs/job.html",
        nav="/",
        cursor=since,
        job=linked(record.to_json(files)),
        waits_for=await here.waits_for(record),
        lines=await here.reader.log(record.id, after=hidden, most=LOG_LINES),
        texts=await asyncio.to_thread(_texts, record, files, here.settings),
        line=timeline(await here.reader.timeline(record.id), now()),
        attempts=attempts[-SHOWN_ATTEMPTS:],
        hidden_attempts=max(0, len(attempts) - SHOWN_ATTEMPTS),
    )


def _texts(record: Record, files: Sequence[Artifact], settings: Settings) -> dict[str, str]:
    """The short text files of a job, to be read on its page as far as it bears them."""
    texts, room = {}, TEXTS_BYTES
    for artifact in files:
        if artifact.type.startswith("text/") and artifact.bytes <= min(TEXT_BYTES, room):
            room -= artifact.bytes
            with suppress(OSError):  # deleted with its job, just now
                content = artifact_path(
                    settings, record.id, artifact.name, record.attempt
                ).read_bytes()
                texts[artifact.name] = content.decode(errors="replace")
    return texts


@pages.get("/jobs/<job_id>/files")
@validate_querystring(ArtifactQuery)
async def files(job_id: str, query_args: ArtifactQuery) -> str:
    """The files of a job that left more of them than its page shows."""
    after = query_args.after
    record = await gate().job_as_event(job_id)
    shown = await services().reader.artifacts(record.id, after=after, most=ARTIFACT_ROWS)
    return await render_template(
        "jobs/files.html",
        nav="/",
        job=linked(record.to_json(shown)),
        after=after,
        last=after + len(shown),
    )


@pages.get("/jobs/<job_id>/timeline")
async def times(job_id: str) -> str:
    """How long each state and step of a job took; its page reloads its timeline from here."""
    record = await gate().job_as_event(job_id)
    line = timeline(await services().reader.timeline(record.id), now())
    job = linked(record.to_event())
    return await render_template("jobs/timeline.html", nav="/", job=job, line=line)


@pages.post("/jobs/<job_id>/stop")
async def stop(job_id: str) -> ResponseReturnValue:
    """Stop a started job, cancel a waiting one."""
    await gate().act(Action.STOP, job_id)
    return redirect(f"{base()}/jobs/{address_of(job_id)}", SEE_OTHER)


@pages.post("/jobs/<job_id>/retry")
async def retry(job_id: str) -> ResponseReturnValue:
    """Queue the job's next attempt."""
    await gate().act(Action.RETRY, job_id)
    return redirect(f"{base()}/jobs/{address_of(job_id)}", SEE_OTHER)


@pages.get("/jobs/new")
async def choose() -> ResponseReturnValue:
    """The form of the kind in the address, or the kinds to choose from."""
    forms = {kind: page for guest in guests() for kind, page in guest.forms.items()}
    own = forms.get(request.args.get("kind", ""))
    if own:
        return redirect(base() + own, SEE_OTHER)
    return await _form({}, {}), 200


@pages.post("/jobs/new")
async def start() -> ResponseReturnValue:
    """Start a job from the form; a value that cannot be used shows the form again."""
    kind = find(request.args.get("kind", ""))
    values = (await posted_form()).to_dict()
    params, errors = typed(fields_of(kind.schema), values)
    if errors:
        return await _form(values, at_fields({**_wrong(kind, params), **errors})), 422
    try:
        due = due_of(values)
        record = await gate().submit(kind.name, params, run_at=due, key=key_of(values))
    except BadParameters as error:
        return await _form(values, at_fields(error.fields)), 422
    return redirect(f"{base()}/jobs/{record.id}", SEE_OTHER)


def _wrong(kind: Kind, params: JsonDict) -> dict[str, str]:
    """What else is wrong, to be reported together with what could not even be read."""
    try:
        kind.validated(params)
    except BadParameters as error:
        return error.fields
    return {}


async def _form(values: dict[str, str], errors: dict[str, str]) -> str:
    name = request.args.get("kind")
    kind = find(name).to_json() if name else None
    return await render_template(
        "jobs/new.html",
        nav="/jobs/new",
        kind=kind,
        kinds=[each.to_json() for each in kinds()],
        form=fields_of(kind["schema"]) if kind else [],
        delay=DELAY,
        values=values,
        errors=errors,
    )
