"""`python -m tplink_lab.practice`."""

from __future__ import annotations

import argparse
import sys

from .process import add_arguments, main

parser = argparse.ArgumentParser(prog="python -m tplink_lab.practice")
add_arguments(parser)
sys.exit(main(parser.parse_args()))
