"""Puts `toy`, the toy world of these tests, within reach; worker processes find it the same way."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
