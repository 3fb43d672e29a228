"""``python -m tplink_lab`` is ``tplink-lab``."""

import sys

from tplink_lab.cli import main

if __name__ == "__main__":
    sys.exit(main())
