"""The art styles, on a small picture with an edge, a ramp and noise in it."""

from __future__ import annotations

import numpy as np
import pytest

from jobs.character.canvas import Picture, silent
from jobs.character.filters import blur, guided, luma
from jobs.character.kuwahara import kuwahara
from jobs.character.parameters import ArtStyle
from jobs.character.styles import STYLES, Style, pencil, pixel_art, pop_art, watercolor

SIZE = 96
EVERY_STYLE = list(STYLES.items())


@pytest.fixture(scope="module")
def picture() -> Picture:
    """A red disc with some noise before a ramp of blue."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    ramp = np.stack([0.2 + 0.2 * x, 0.3 + 0.3 * y, 0.5 + 0.4 * y], axis=-1)
    disc = (np.hypot(x - 0.5, y - 0.5) < 0.3)[..., None]
    noise = np.random.default_rng(3).normal(0, 0.02, (SIZE, SIZE, 3))
    seen: Picture = np.clip(np.where(disc, (0.8, 0.25, 0.2), ramp) + noise, 0, 1)
    return seen.astype(np.float32)


def test_there_is_a_style_for_every_choice() -> None:
    assert set(STYLES) == set(ArtStyle)


@pytest.mark.parametrize(("style", "paint"), EVERY_STYLE)
def test_a_style_makes_another_picture_of_the_same_size(
    style: ArtStyle, paint: Style, picture: Picture
) -> None:
    painted = paint(picture, 5, silent)

    assert painted.shape == picture.shape
    assert painted.min() >= 0
    assert painted.max() <= 1
    assert np.abs(painted - picture).mean() > 0.02


@pytest.mark.parametrize(("style", "paint"), EVERY_STYLE)
def test_a_style_paints_the_same_picture_for_the_same_seed(
    style: ArtStyle, paint: Style, picture: Picture
) -> None:
    before = picture.copy()

    assert np.array_equal(paint(picture, 5, silent), paint(picture, 5, silent))
    assert np.array_equal(picture, before)


@pytest.mark.parametrize(("style", "paint"), EVERY_STYLE)
def test_a_style_says_how_far_it_is_row_by_row_and_never_goes_back(
    style: ArtStyle, paint: Style, picture: Picture
) -> None:
    heard: list[tuple[float, str]] = []

    paint(picture, 5, lambda done, doing: heard.append((done, doing)))

    done = [at for at, _ in heard]
    assert done == sorted(done)
    assert done[0] > 0
    assert done[-1] == 1
    assert sum("row" in doing for _, doing in heard) >= SIZE / 32


@pytest.mark.parametrize(("style", "paint"), EVERY_STYLE)
@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_picture_without_anything_in_it_can_be_painted(
    style: ArtStyle, paint: Style, grey: float
) -> None:
    painted = paint(np.full((40, 40, 3), grey, np.float32), 5, silent)

    assert np.isfinite(painted).all()


def test_kuwahara_levels_noise_and_keeps_the_edge() -> None:
    step = np.where(np.arange(40) < 20, 0.2, 0.8)
    noise = np.random.default_rng(1).normal(0, 0.05, (40, 40))
    noisy = np.repeat((step + noise)[..., None], 3, axis=2).astype(np.float32)

    calm = luma(kuwahara(noisy, 4, silent, "x"))

    assert calm[8:32, 4:12].std() < noise.std() / 2
    assert calm[:, 22].mean() - calm[:, 17].mean() > 0.5


def test_the_guided_filter_levels_noise_and_keeps_the_edge_that_a_blur_loses() -> None:
    step = np.where(np.arange(40) < 20, 0.2, 0.8)
    noise = np.random.default_rng(1).normal(0, 0.03, (40, 40))
    noisy = (step + noise).astype(np.float32)

    calm, blurred = guided(noisy, 4, 0.1), blur(noisy, 4)

    assert calm[:, 4:12].std() < noise.std() / 2
    assert np.ptp(calm.mean(axis=0)[18:22]) > 2 * np.ptp(blurred.mean(axis=0)[18:22])


@pytest.mark.parametrize("sigma", [0.8, 3.0, 9.0])
def test_a_blur_keeps_the_mean_and_spreads_as_told(sigma: float) -> None:
    dot = np.zeros((81, 81), np.float32)
    dot[40, 40] = 1

    spread = blur(dot, sigma)

    x = np.arange(81) - 40
    assert spread.sum() == pytest.approx(1, abs=0.02)
    assert np.sqrt((spread.sum(axis=0) * x * x).sum()) == pytest.approx(sigma, rel=0.15)


def test_a_cartoon_is_of_few_flat_colours(picture: Picture) -> None:
    painted = STYLES[ArtStyle.CARTOON](picture, 5, silent)

    levels = np.round(painted.reshape(-1, 3) * 255).astype(int)
    counts = np.sort(np.unique(levels, axis=0, return_counts=True)[1])[::-1]
    assert counts[:26].sum() > 0.5 * len(levels)


def test_pixel_art_is_of_square_pixels_in_a_small_palette(picture: Picture) -> None:
    twice = picture.repeat(2, axis=0).repeat(2, axis=1)

    painted = pixel_art.paint(twice, 5, silent)

    assert np.array_equal(painted[::2], painted[1::2])
    assert np.array_equal(painted[:, ::2], painted[:, 1::2])
    assert len(np.unique(painted.reshape(-1, 3), axis=0)) <= pixel_art.COLOURS


def test_a_pencil_drawing_is_grey_and_darker_where_the_picture_is(picture: Picture) -> None:
    ramp = np.repeat(np.linspace(0, 1, SIZE, dtype=np.float32)[None], SIZE, axis=0)

    drawn = pencil.paint(np.repeat(ramp[..., None], 3, axis=2), 5, silent)

    tones = luma(drawn)[30:70]
    assert (np.ptp(drawn, axis=-1) < 0.08).all()
    assert tones[:, 15:30].mean() < tones[:, 45:60].mean() < tones[:, 70:80].mean()


def test_a_watercolour_leaves_a_margin_of_paper(picture: Picture) -> None:
    painted = watercolor.paint(picture, 5, silent)

    assert luma(painted)[0].min() > 0.8
    assert luma(painted)[SIZE // 2, SIZE // 2] < 0.8


def test_pop_art_prints_dots_that_grow_with_the_tone() -> None:
    tones = [np.full((SIZE, SIZE, 3), grey, np.float32) for grey in (0.8, 0.6, 0.4, 0.2)]

    printed = [luma(pop_art.paint(tone, 5, silent)) for tone in tones]

    assert [p.mean() for p in printed] == sorted((p.mean() for p in printed), reverse=True)
    assert all(p.std() > 0.05 for p in printed[1:3])
