"""The kind `character_generation`: a portrait of a described or photographed person.

Web processes import this file for the kind's form, so what paints is imported when a job runs.
"""

from __future__ import annotations

from typing import Any

from headway.errors import JobFailed
from headway.files import upload_path
from jobs import kind, report
from jobs.character.parameters import CharacterParams
from jobs.character.steps import STEPS, Step, number_of, percent

GUEST = "jobs.character.web"
PORTRAIT, THUMBNAIL = "portrait.png", "thumbnail.png"

# A portrait takes seconds; a photo made to be slow must not hold a worker for longer than this.
TIMEOUT_SECONDS = 600


@kind(
    "character_generation",
    queue="character_generation",
    timeout=TIMEOUT_SECONDS,
    max_attempts=2,
    title=lambda params: f"Portrait of {params.name}",
    preload=("jobs.character.painter",),
)
def generate_character(params: CharacterParams) -> dict[str, Any]:
    """Paint a portrait from a description, or of a photo, in one of six art styles."""
    from jobs.character.painter import StudioPainter  # noqa: PLC0415 - see the top of the file
    from jobs.character.person import Person  # noqa: PLC0415 - as above

    person = Person(params.name, params.age, params.gender, params.personality_profile)
    photo = _photo(params.reference_photo)
    portrait = StudioPainter().paint(person, params.art_style, photo, _Bar())
    report.log(caption(portrait.words))
    report.attach(PORTRAIT, portrait.png)
    report.attach(THUMBNAIL, portrait.thumbnail)
    return {
        "portrait": PORTRAIT,
        "thumbnail": THUMBNAIL,
        "size": portrait.size,
        "art_style": params.art_style.value,
        "caption": caption(portrait.words),
        **portrait.words,
    }


def caption(words: dict[str, str]) -> str:
    """What can be seen in a portrait, as a sentence for a caption or a screen reader."""
    if "photo" in words:
        return f"Painted after {words['photo']}."
    seen = f"{words['hair']}, {words['expression']}, {words['clothes']}"
    return f"{seen[:1].upper()}{seen[1:]}, in front of {words['background']}."


class _Bar:
    """Carries the painter's progress to the job's report."""

    def __init__(self) -> None:
        self._step: Step | None = None

    def __call__(self, step: Step, done: float, doing: str) -> None:
        if step is not self._step:
            self._step = step
            report.step(step.value, number_of(step), of=STEPS)
        report(percent(step, done), doing)


def _photo(upload: str | None) -> bytes | None:
    """The bytes of a stored upload. Raises JobFailed when it is not there (any more)."""
    if upload is None:
        return None
    try:
        return upload_path(upload).read_bytes()
    except (OSError, ValueError):
        raise JobFailed("The reference photo is not stored here any more.") from None
