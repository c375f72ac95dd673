"""Moving objects: between a store and local files, and between stores.

`Store.upload`, `Store.download` and their like are the way in; the functions here are what they call.
"""

from __future__ import annotations

from .copying import copy
from .crew import Progress, ProgressCallback
from .downloading import download
from .folders import FolderReport, download_folder, upload_folder
from .plans import Action, Plan, plan_sync
from .staging import staged_file
from .syncing import SyncReport, carry_out, sync
from .uploading import AttributeOptions, upload

__all__ = [
    "Action",
    "AttributeOptions",
    "FolderReport",
    "Plan",
    "Progress",
    "ProgressCallback",
    "SyncReport",
    "carry_out",
    "copy",
    "download",
    "download_folder",
    "plan_sync",
    "staged_file",
    "sync",
    "upload",
    "upload_folder",
]
