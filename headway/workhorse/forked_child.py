"""A process that a job's function forked, and that returned from it instead of ending."""

from __future__ import annotations

import os
import sys
import traceback


def exit_if_forked(pid: int) -> None:
    """End here unless this is the process `pid`: the job's end is for that one to record.

    The exit status is what it would have been, had the function been all of the program.
    """
    if os.getpid() == pid:
        return
    raised = sys.exc_info()[1]
    status = 0 if raised is None else 1
    if isinstance(raised, SystemExit):
        status = raised.code if isinstance(raised.code, int) else int(raised.code is not None)
    elif raised is not None:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status & 0xFF)
