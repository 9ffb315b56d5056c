"""The application as the web server's processes make it."""

import gc
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar import Litestar


def create_app() -> "Litestar":
    """`service.app.create_app`, read without looking for garbage: nothing made at the start is ever thrown away.

    Looking for garbage takes a fifth of the start; afterwards what is there is left out of later looks.
    """
    gc.disable()
    try:
        app: Litestar = importlib.import_module("service.app").create_app()
    finally:
        gc.freeze()
        gc.enable()
    return app
