"""Ray itself."""

from __future__ import annotations

import os
from typing import Any

from .._errors import SporkError

LOOPBACK = "127.0.0.1"


def ray_module() -> Any:
    """Ray, which is an extra.

    Raises:
        SporkError: it is not installed.
    """
    # Nothing is sent anywhere unless the user has said so.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise SporkError(
            f"Ray can't be imported ({error}); install it with `pip install 'spork-search[ray]'`"
        ) from None
    return ray


def start(address: str | None = None, **settings: Any) -> Any:
    """Connects to Ray, unless that is done: to the cluster at ``address`` (or that which the
    environment variable ``RAY_ADDRESS`` names), or else to one of this machine alone, which is
    started: on loopback, without a dashboard and without usage statistics.

    Args:
        settings: go to ``ray.init``.

    Returns:
        The module ``ray``.
    """
    ray = ray_module()
    if ray.is_initialized():
        return ray
    address = address or os.environ.get("RAY_ADDRESS")
    if address is None:
        # Not that which another program may have started here.
        address = "local"
        settings = {
            "include_dashboard": False,
            "_node_ip_address": LOOPBACK,
            "log_to_driver": False,
            **settings,
        }
    ray.init(address=address, **settings)
    return ray
