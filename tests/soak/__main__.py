"""``python -m tests.soak``: see ``runner``, apart from it because a process of a pool loads no ``__main__``."""

from __future__ import annotations

import sys

from tests.soak.runner import main

if __name__ == "__main__":
    sys.exit(main())
