"""Ray itself."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from .._errors import SporkError

_log = logging.getLogger("spork_search.ray")

LOOPBACK = "127.0.0.1"
#: Without it Ray makes an address of 127.0.0.1 that others reach. It is read once, with the import.
_LOOPBACK_ONLY = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


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

    Raises:
        SporkError: Ray is not installed, or this process is connected to another cluster.
    """
    wanted = address or os.environ.get("RAY_ADDRESS")
    if wanted is None and "ray" not in sys.modules:
        os.environ.setdefault(_LOOPBACK_ONLY, "0")
    ray = ray_module()
    if ray.is_initialized():
        there = ray.get_runtime_context().gcs_address
        if address is not None and address not in ("auto", there):
            raise SporkError(f"this process is connected to Ray at {there}, not {address}")
        return ray
    if wanted is None:
        if os.environ.get(_LOOPBACK_ONLY) != "0":
            _log.warning(
                "Ray was imported before, and listens on more than loopback; set %s=0 before that",
                _LOOPBACK_ONLY,
            )
        # Not that which another program may have started here.
        wanted = "local"
        settings = {
            "include_dashboard": False,
            "_node_ip_address": LOOPBACK,
            "log_to_driver": False,
            **settings,
        }
    ray.init(address=wanted, **settings)
    return ray


def stop() -> None:
    """Disconnects from Ray, and ends it if it was started here."""
    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        ray.shutdown()
