"""What a job prints or logs becomes lines."""

from __future__ import annotations

import io
import logging
import sys
import threading

import pytest

from headway.workhorse.job_log import captured
from headway.workhorse.log_lines import LINE_CHARACTERS


class Lines(list[str]):
    """Lines that were taken, and their streams."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: list[str | None] = []

    def take(self, text: str, stream: str | None = None) -> None:
        self.append(text)
        self.streams.append(stream)


@pytest.fixture
def lines() -> Lines:
    """Where captured lines go."""
    return Lines()


def test_printed_lines_are_taken_and_still_printed(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    with captured(lines.take):
        print("one")
        print("two", file=sys.stderr)
    print("after")

    assert (lines, lines.streams) == (["one", "two"], ["stdout", "stderr"])
    assert capsys.readouterr() == ("one\nafter\n", "two\n")


def test_a_line_printed_in_pieces_is_one_line(lines: Lines) -> None:
    with captured(lines.take):
        print("on", end="")
        print("e\ntw", end="")
        sys.stdout.flush()
        print("o")

    assert lines == ["one", "two"]


def test_threads_that_print_at_once_do_not_mix_their_lines(lines: Lines) -> None:
    begun, ended = threading.Event(), threading.Event()

    def other() -> None:
        sys.stdout.write("of an")
        begun.set()
        ended.wait()
        sys.stdout.write("other\n")

    with captured(lines.take):
        thread = threading.Thread(target=other)
        thread.start()
        begun.wait()
        print("of one")
        ended.set()
        thread.join()

    assert lines == ["of one", "of another"]


def test_a_line_without_an_end_is_taken_at_the_jobs_end(lines: Lines) -> None:
    with captured(lines.take):
        sys.stdout.write("last words")

    assert lines == ["last words"]


def test_a_line_without_end_is_not_gathered_for_ever_and_says_so(lines: Lines) -> None:
    with captured(lines.take):
        for _ in range(3):
            sys.stdout.write("x" * LINE_CHARACTERS)
        print()
        print("next")

    said = "… (shortened: the line has 12,000 characters)"
    assert lines == ["x" * (LINE_CHARACTERS - len(said)) + said, "next"]


@pytest.mark.parametrize(
    ("printed", "line"),
    [
        (("a\u2028b\x0bc\x0cd\x85e\x1cf\n",), "a\u2028b\x0bc\x0cd\x85e\x1cf"),
        (("said on Windows\r\n",), "said on Windows"),
        (("said on Windows\r", "\n"), "said on Windows"),
        (("\r 1%", "\r 50%", "\r100%\n"), "100%"),
        (("\r 1%", "\r 50%", "\r100%\r\n"), "100%"),
        (("1%\r", "50%\r", "100%\r", "\n"), "100%"),
        (("x" * 100_000, "\rdone\n"), "done"),
        (("loading\r       \rdone\n",), "done"),
    ],
)
def test_a_line_ends_at_a_newline_and_a_carriage_return_begins_it_anew(
    lines: Lines, printed: tuple[str, ...], line: str
) -> None:
    with captured(lines.take):
        for piece in printed:
            sys.stdout.write(piece)

    assert lines == [line]


def test_a_stream_that_takes_nothing_costs_no_line(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", broken)
    with captured(lines.take):
        print("✓")
        broken.close()
        print("after", flush=True)

    assert lines == ["✓", "after"]


def test_bytes_go_to_the_stream_and_it_can_be_configured(
    lines: Lines, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with captured(lines.take):
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # as on the real one
        sys.stdout.buffer.write(b"\xff\n")
        sys.stdout.buffer.flush()

    assert capfdbinary.readouterr().out == b"\xff\n"
    assert lines == []


def test_any_words_are_taken(lines: Lines) -> None:
    with captured(lines.take):
        print("שלום 🎈\u2028tab\t")

    assert lines == ["שלום 🎈\u2028tab\t"]


def test_logged_lines_are_taken_with_their_level_but_not_the_machinerys(
    lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with captured(lines.take):
        logging.getLogger("author").info("looking at %s", "it")
        logging.getLogger("rq.worker").warning("not the job's")
        logging.getLogger("headway.workhorse.reporter").warning("not the job's")
    logging.getLogger("author").info("after")

    assert lines == ["INFO author: looking at it"]


@pytest.mark.parametrize(
    "name", ["jobs", "jobs.work_orders", "jobs.recording_studio", "rqueue_tools", "rqs", "asyncio_"]
)
def test_a_logger_that_is_called_almost_like_the_machinerys_is_the_authors(
    lines: Lines, name: str
) -> None:
    with captured(lines.take):
        logging.getLogger(name).warning("said")

    assert lines == [f"WARNING {name}: said"]


def test_a_line_that_cannot_be_worded_is_told_and_not_raised(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own raise
    with captured(lines.take):
        logging.getLogger("author").error("%d items", "no number")

    assert "--- Logging error ---" in lines
    assert any("'%d items'" in line for line in lines)


def test_an_error_that_is_logged_brings_its_traceback(lines: Lines) -> None:
    with captured(lines.take):
        try:
            int("no luck")
        except ValueError:
            logging.getLogger("author").exception("it failed")

    assert lines[0].startswith("ERROR author: it failed\nTraceback")


def test_the_streams_are_put_back_when_the_job_fails(lines: Lines) -> None:
    before = sys.stdout, sys.stderr, list(logging.getLogger().handlers)

    with pytest.raises(ZeroDivisionError), captured(lines.take):
        raise ZeroDivisionError

    assert (sys.stdout, sys.stderr, logging.getLogger().handlers) == before


def test_a_captured_stream_is_a_stream_like_any(lines: Lines) -> None:
    with captured(lines.take):
        assert sys.stdout.writable()
        assert not sys.stdout.isatty()
        assert sys.stdout.encoding
        sys.stdout.writelines(["a\n", "b\n"])

    assert lines == ["a", "b"]
