"""The API of the system: queues, workers, counts, health and metrics."""

from __future__ import annotations

from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from quart import Blueprint, Response
from quart_schema import tag, validate_querystring

from headway.store import JobFilter
from quart_app.access import gate
from quart_app.addresses import linked
from quart_app.api import system_models
from quart_app.api.openapi import TEXT, answers
from quart_app.api.request_models import CountQuery
from quart_app.door.responses import json_reply
from quart_app.live.relay import RedisLink
from quart_app.services import services

STORE_AWAY = "The store cannot be read: look after its disk or its server; the log says more."

api = Blueprint("api_system", __name__)


@api.get("/api/queues")
@tag(["system"])
@answers({200: system_models.Queues}, 503)
async def queues() -> Response:
    """Every queue with work, or that had some lately: depth, what runs, oldest wait, rate."""
    return json_reply({"queues": await services().status.queues()})


@api.get("/api/workers")
@tag(["system"])
@answers({200: system_models.Workers}, 503)
async def workers() -> Response:
    """Every worker heard of lately: its state, job, last heartbeat, memory and rate."""
    return json_reply({"workers": [linked(each) for each in await services().status.workers()]})


@api.get("/api/counts")
@tag(["system"])
@answers({200: system_models.Counts}, 503)
@validate_querystring(CountQuery)
async def counts(query_args: CountQuery) -> Response:
    """How many jobs are in each status, of all or of those that a list shows."""
    wanted = gate().narrowed(query_args.filter())
    return json_reply({"counts": await services().reader.counts(wanted)})


@api.get("/api/throughput")
@tag(["system"])
@answers({200: system_models.Throughput}, 503)
async def throughput() -> Response:
    """Each minute of the last hour: what ended, how long it took and waited, in seconds."""
    return json_reply({"minutes": await services().status.last_hour.minutes()})


@api.get("/healthz")
@tag(["system"])
@answers({200: system_models.Alive})
async def healthz() -> Response:
    """The process is alive."""
    return json_reply({"status": "alive"})


@api.get("/readyz")
@tag(["system"])
@answers({200: system_models.Ready, 503: system_models.Ready})
async def readyz() -> Response:
    """The store answers, changes are pushed and Redis takes jobs; else 503, saying what is not so.

    Suspended workers are intended: ready, with the reason why jobs wait.
    """
    relay = services().relay
    refuses = relay.redis_link is RedisLink.LIVE and relay.hindrance.refusal is not None
    ready = relay.fresh and relay.redis_link is RedisLink.LIVE and not refuses
    body = {
        "ready": ready,
        "store": "live" if relay.fresh else "away",
        "redis": "refuses" if refuses else relay.redis_link,
        "reason": relay.reason if relay.fresh else STORE_AWAY,
    }
    return json_reply(body, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


@api.get("/metrics")
@tag(["system"])
@answers({200: TEXT}, 503)
async def metrics() -> Response:
    """Jobs by status, queues and streams as Prometheus reads them."""
    registry = CollectorRegistry()
    jobs = Gauge("headway_jobs", "Jobs by status", ["status"], registry=registry)
    counts = await services().reader.counts(gate().narrowed(JobFilter()))
    for status, count in counts.items():
        jobs.labels(status).set(count)
    depth = Gauge("headway_queue_depth", "Queued jobs", ["queue"], registry=registry)
    oldest = Gauge(
        "headway_queue_oldest_wait_seconds", "Wait of the oldest job", ["queue"], registry=registry
    )
    for queue in await services().status.queues():
        depth.labels(queue["name"]).set(queue["depth"])
        oldest.labels(queue["name"]).set(queue["oldest_wait_seconds"] or 0)
    states = Gauge("headway_workers", "Workers by state", ["state"], registry=registry)
    found = [worker["state"] for worker in await services().status.workers()]
    for state in ("idle", "busy", "lost"):
        states.labels(state).set(found.count(state))
    Gauge("headway_streams", "Open streams", registry=registry).set(len(services().hub))
    Gauge("headway_redis_live", "1 while changes are pushed", registry=registry).set(
        services().relay.redis_link is RedisLink.LIVE
    )
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
