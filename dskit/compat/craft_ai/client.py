"""`CraftAiSdk`, and where it finds the store that its environment is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from ...service import Service
from ...store import Store
from ...urls import open_store
from ..storage import Storage, configured_service, service_of
from .data_store import DataStoreMethods
from .errors import SdkException

__all__ = ["ENVIRONMENT", "CraftAiSdk", "Environments", "connect"]

ENVIRONMENT = "DSKIT_CRAFT_AI_STORE"
"""The URL of a service: what `CraftAiSdk` of this module stands on. Each bucket is an environment."""

Environments: TypeAlias = Mapping[str, Store | str] | Storage

_CONTROL_URL = "https://mlops-platform.craft.ai"


class CraftAiSdk(DataStoreMethods):
    """The package's client, as far as its data store goes. Making one does no I/O.

    Use `connect` to say which stores; the class itself takes those of the service that ``DSKIT_CRAFT_AI_STORE`` names.
    `environment_url` (or ``CRAFT_AI_ENVIRONMENT_URL``) says which one is meant; token and control server are accepted
    and not used. With `verbose_log` what was done is told on stderr. Raises ValueError without an environment.
    """

    _environments: ClassVar[_Environments | None] = None

    def __init__(
        self,
        sdk_token: str | None = None,
        environment_url: str | None = None,
        control_url: str | None = None,
        verbose_log: bool | None = None,
        warn_on_metric_outside_of_pipeline: bool = True,
    ) -> None:
        environment_url = os.environ.get("CRAFT_AI_ENVIRONMENT_URL") if environment_url is None else environment_url
        if not environment_url:
            raise ValueError('"environment_url" is missing, and CRAFT_AI_ENVIRONMENT_URL is not set')
        control_url = os.environ.get("CRAFT_AI_CONTROL_URL") if control_url is None else control_url
        self.base_environment_url = environment_url.rstrip("/")
        self.base_environment_api_url = f"{self.base_environment_url}/api/v1"
        self.base_control_url = (control_url or _CONTROL_URL).rstrip("/")
        self.base_control_api_url = f"{self.base_control_url}/api/v1"
        self.verbose_log = _told_to_log() if verbose_log is None else verbose_log
        self.warn_on_metric_outside_of_pipeline = warn_on_metric_outside_of_pipeline
        self._opened: Store | None = None

    @property
    def warn_on_metric_outside_of_pipeline(self) -> bool:
        """Kept for code that reads it: there are no metrics here."""
        return self._warn_on_metric

    @warn_on_metric_outside_of_pipeline.setter
    def warn_on_metric_outside_of_pipeline(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError("warn_on_metric_outside_of_pipeline is True or False")
        self._warn_on_metric = value

    def _store(self) -> Store:
        if self._opened is None:
            environments = self._environments or _Environments(
                configured_service(ENVIRONMENT, "dskit.compat.craft_ai.connect(…)")
            )
            self._opened = environments.find(self.base_environment_url)
        return self._opened


class _Environments:
    """Environment URLs to stores."""

    def __init__(self, environments: Environments) -> None:
        self._named: dict[str, Store] | None = None
        self._service: Service | None = None
        if isinstance(environments, Mapping):
            self._named = {
                url.rstrip("/"): open_store(each) if isinstance(each, str) else each
                for url, each in environments.items()
            }
        else:
            self._service = service_of(environments)

    def find(self, url: str) -> Store:
        """Raises SdkException for a URL that was not given; whether a bucket is there shows when it is used."""
        if self._service is not None:
            return self._service.bucket(url.rpartition("/")[2])
        assert self._named is not None
        if url not in self._named:
            known = ", ".join(self._named) or "none"
            raise SdkException(f"There is no environment {url}. Those that were given to connect(): {known}.", 404)
        return self._named[url]


def connect(environments: Environments) -> type[CraftAiSdk]:
    """The class `CraftAiSdk` for these stores; several stand side by side.

    `environments` maps environment URLs to stores or store URLs; or it is a service, a store or the URL of a service,
    where the last part of `environment_url` is the name of a bucket (``…/craft_ai/BUCKET``, as for the emulator's
    plane). Raises `ConfigurationError` for anything else.
    """
    bound: type[CraftAiSdk] = type("CraftAiSdk", (CraftAiSdk,), {"_environments": _Environments(environments)})
    return bound


def _told_to_log() -> bool:
    """The package's default: as ``SDK_VERBOSE_LOG`` says, else at a prompt."""
    return {"true": True, "false": False}.get(os.environ.get("SDK_VERBOSE_LOG", "").lower(), hasattr(sys, "ps1"))
