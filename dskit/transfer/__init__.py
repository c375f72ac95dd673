"""Moving objects: between a store and local files, and between stores.

`Store.upload`, `Store.download` and their like are the way in; the functions here are what they call.
"""

from __future__ import annotations

from .crew import Progress, ProgressCallback
from .downloading import download
from .staging import staged_file
from .uploading import AttributeOptions, upload

__all__ = ["AttributeOptions", "Progress", "ProgressCallback", "download", "staged_file", "upload"]
