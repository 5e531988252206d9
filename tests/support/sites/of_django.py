"""A site of Django."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from quart_app import headway_app


def home(_: HttpRequest) -> HttpResponse:
    """The site's own page."""
    return HttpResponse("the site")


urlpatterns = [path("", home)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="of no use")

django = get_asgi_application()
headway = headway_app()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """What is under `/jobs` is Headway's, and so is the server's start and end."""
    if scope["type"] == "lifespan" or f"{scope['path']}/".startswith("/jobs/"):
        await headway(scope | {"root_path": "/jobs"}, receive, send)
    else:
        await django(scope, receive, send)
