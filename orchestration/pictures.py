"""Pictures in the pages of assets. One is drawn when its data changed; else the kept one is shown again.

Drawing costs a second (matplotlib's import), which a refresh with nothing new should not take.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exchange.settings import Settings


def picture(settings: Settings, draw: Callable[..., bytes], *data: Any) -> str:
    """Markdown that shows the PNG which `draw` makes of plain `data`."""
    name = draw.__name__
    drawn_by = Path(inspect.getfile(draw)).read_bytes()
    digest = hashlib.sha256(drawn_by + repr(data).encode()).hexdigest()[:16]
    kept = settings.dagster_home / "pictures" / f"{name}.{digest}.png"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        draft.write_bytes(draw(*data))
        for former in kept.parent.glob(f"{name}.*.png"):
            former.unlink(missing_ok=True)
        # whole or not at all
        draft.replace(kept)
    return f"![{name.replace('_', ' ')}](data:image/png;base64,{base64.b64encode(kept.read_bytes()).decode()})"
