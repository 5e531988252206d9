"""An application whose workers Sentry and OpenTelemetry observe; `rq worker -c` imports this.

What they would send goes into the files that SENTRY_FILE and SPANS_FILE name. RECORDED says whether
Headway's line stands `before` theirs or `after`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import sentry_sdk
from opentelemetry import trace  # type: ignore[attr-defined,unused-ignore]  # not installed here
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from opentelemetry_instrumentation_rq import RQInstrumentor
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.rq import RqIntegration
from sentry_sdk.transport import Transport

import headway


def append(path: str, line: str) -> None:
    """One write, so that processes do not mix theirs."""
    with Path(path).open("a") as file:
        file.write(line + "\n")


class FileTransport(Transport):  # type: ignore[misc]  # not installed here
    """Writes each event's exception and the name of its transaction."""

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep it at once."""
        event: Any = envelope.get_event() or envelope.get_transaction_event() or {}
        values = event.get("exception", {}).get("values", [])
        kept = {"transaction": event.get("transaction"), "errors": [one["value"] for one in values]}
        append(os.environ["SENTRY_FILE"], json.dumps(kept))


class FileExporter(ConsoleSpanExporter):  # type: ignore[misc]  # not installed here
    """Writes each span's name."""

    def export(self, spans: Any) -> Any:
        """Keep them at once."""
        found: list[ReadableSpan] = list(spans)
        for span in found:
            append(os.environ["SPANS_FILE"], span.name)
        return super().export([])


def observe() -> None:
    """As their own guides have it."""
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:9/1",
        integrations=[RqIntegration()],
        default_integrations=False,
        traces_sample_rate=1.0,
        transport=FileTransport,
    )
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(FileExporter()))
    trace.set_tracer_provider(provider)
    RQInstrumentor().instrument()


if os.environ.get("RECORDED") == "before":
    headway.record()
observe()
if os.environ.get("RECORDED") == "after":
    headway.record()
