"""Where the kernel counts what it has ended for memory, in both kinds of control groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.worker import control_group
from headway.worker.control_group import out_of_memory_kills

COUNTED = "oom 5\noom_kill 3\noom_group_kill 0\n"


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the kernel's own."""
    monkeypatch.setattr(control_group, "GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(control_group, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("groups", "place"),
    [
        ("0::/jobs/one\n", "jobs/one/memory.events"),
        ("0::/seen/from/outside\n", "memory.events"),
        ("4:cpu,memory:/jobs\n0::/\n", "memory/jobs/memory.oom_control"),
        ("4:memory:/seen/from/outside\n0::/\n", "memory/memory.oom_control"),
    ],
)
def test_kills_are_counted_in_our_own_group(kernel: Path, groups: str, place: str) -> None:
    (kernel / "cgroup").write_text(groups)
    (kernel / place).parent.mkdir(parents=True, exist_ok=True)
    (kernel / place).write_text(COUNTED)

    assert out_of_memory_kills() == 3


def test_where_nobody_counts_there_are_none(kernel: Path) -> None:
    assert out_of_memory_kills() == 0
    (kernel / "cgroup").write_text("0::/nowhere\n")
    assert out_of_memory_kills() == 0
