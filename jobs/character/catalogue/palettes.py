"""The colours of backgrounds."""

from __future__ import annotations

from jobs.character.look import Palette

PALETTES = {
    palette.name: palette
    for palette in (
        Palette("teal", "#f4e4c1", "#8fc0a9", "#2f5d62", "#f2a65a"),
        Palette("rose", "#fde2d4", "#e9a6a6", "#864879", "#ffc15e"),
        Palette("dusk", "#ffd9a0", "#e07a5f", "#3d405b", "#f2cc8f"),
        Palette("sage", "#f1f0dc", "#b5c99a", "#5b7553", "#e9b872"),
        Palette("sky", "#e8f4f8", "#90c2e7", "#33658a", "#f6ae2d"),
        Palette("lilac", "#f3e9f5", "#b8a1d9", "#54457f", "#f7c59f"),
        Palette("ochre", "#fbeec1", "#e3b23c", "#7a4b18", "#d1495b"),
        Palette("ember", "#fbd1a2", "#d1495b", "#4a1c40", "#edae49"),
        Palette("forest", "#e6eec9", "#7fa567", "#23472f", "#d9a441"),
        Palette("slate", "#e3e7ea", "#9aa8b2", "#37474f", "#c9a66b"),
    )
}
