"""The service's own settings, with the bare view of `bare.py` beside its routes."""

from backend.settings import *  # noqa: F403

ROOT_URLCONF = "bare"
