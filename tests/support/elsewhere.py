"""`rq`, on a machine that says it is another: `python -m tests.support.elsewhere worker`.

Nobody can look up its processes from here, so what others know of it is what they hear.
"""

from __future__ import annotations

import socket

if __name__ == "__main__":
    socket.gethostname = lambda: "elsewhere"

    # After that, for what asks for the name when it is imported.
    from rq.cli.cli import main

    main()
