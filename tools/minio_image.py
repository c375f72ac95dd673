"""An image of the MinIO server that `minio_server.py` builds, for machines that no registry serves.

    python tools/minio_image.py           make it in the local Docker engine unless it is there, print its name
    python tools/minio_image.py name      print its name

Needs an engine that answers (`tools/ensure_docker.sh` starts one) and ``pip install "dskit[containers]"``. Use it with
``MinioContainer(image=…)``, ``dskit certify container:minio --image …``, or name it in DSKIT_MINIO_IMAGE.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from minio_server import PIN, MinioError, build

NAME = f"localhost/dskit-minio:{PIN}"
"""No registry can be asked for a name that begins with localhost, so that nobody else's image is ever pulled for it."""

CONFIGURATION = (
    "ENV PATH=/usr/bin HOME=/tmp",
    "EXPOSE 9000 9001",
    "VOLUME /data",
    'ENTRYPOINT ["/usr/bin/minio"]',
    'CMD ["server", "/data"]',
)


def make(name: str = NAME) -> str:
    """The image, made by an import of three files: no builder, whose dialect would depend on the engine, is needed.

    Returns `name`. Raises `MinioError`.
    """
    try:
        import docker
        from docker.errors import DockerException, ImageNotFound
    except ModuleNotFoundError as error:
        raise MinioError('an image needs docker: pip install "dskit[containers]"') from error
    try:
        client = docker.from_env()
        try:
            client.images.get(name)
        except ImageNotFound:
            repository, _, tag = name.rpartition(":")
            with tempfile.NamedTemporaryFile(prefix="dskit-minio-", suffix=".tar") as archive:
                write_root(Path(archive.name), build())
                client.api.import_image_from_file(archive.name, repository, tag, changes=list(CONFIGURATION))
            client.images.get(name)
        finally:
            client.close()
    except (DockerException, OSError) as error:
        raise MinioError(f"no image could be made: {error}") from error
    return name


def write_root(archive: Path, binary: Path) -> None:
    """The file system of the image: the server, and the folders that it writes to."""
    with tarfile.open(archive, "w") as tar:
        for folder, mode in (("usr", 0o755), ("usr/bin", 0o755), ("data", 0o755), ("tmp", 0o1777)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry, io.BytesIO())
        entry = tarfile.TarInfo("usr/bin/minio")
        entry.mode, entry.size = 0o755, os.path.getsize(binary)
        with binary.open("rb") as content:
            tar.addfile(entry, content)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", nargs="?", default="make", choices=("make", "name"))
    try:
        print(NAME if parser.parse_args().command == "name" else make())
    except MinioError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
