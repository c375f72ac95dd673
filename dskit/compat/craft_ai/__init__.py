"""Craft AI's data store (`craft-ai-sdk` 0.74) over any dskit store::

    from dskit.compat import craft_ai

    CraftAiSdk = craft_ai.connect({"https://env.example": MemoryStore()})
    CraftAiSdk(environment_url="https://env.example").upload_data_store_object("model.bin", "models/1")

The data store only. Where it differs from the package, and why: `docs/compat/craft_ai.md`.
"""

from .client import ENVIRONMENT, CraftAiSdk, connect
from .errors import SdkException
from .shim import provided

__all__ = ["ENVIRONMENT", "CraftAiSdk", "SdkException", "connect", "provided"]
