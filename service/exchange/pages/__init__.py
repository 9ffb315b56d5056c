"""Pages of the exchange room: files in, files out."""

import importlib
import importlib.util
from typing import Any

handlers: list[Any] = []
for _part in ("imports", "lists", "exports"):
    if importlib.util.find_spec(f"{__name__}.{_part}"):
        handlers.extend(getattr(importlib.import_module(f"{__name__}.{_part}"), "handlers", []))
