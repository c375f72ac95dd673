"""`dskit cp`, `mv`, `sync`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import dskit
from dskit.cli.transfers import remove_moved
from tests.dskit.cli.conftest import Place, Run
from tests.dskit.transfer.test_copy import without


def keys(place: Place) -> list[str]:
    return [row.key for row in place.store.list()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "sub").mkdir(parents=True)
    (made / "page.html").write_text("<p>")
    (made / "sub" / "data").write_bytes(b"\0\1")
    for path in (made / "page.html", made / "sub" / "data"):
        os.utime(path, (1_700_000_000, 1_700_000_000))  # not in the second of a copy, which S3 could not tell apart
    return made


def test_up_and_down(place: Place, run: Run, tmp_path: Path) -> None:
    source = tmp_path / "notes.txt"
    source.write_text("hello")
    assert run("cp", source, place.url("a/notes")).code == 0
    assert run("cp", source, place.url("a/")).code == 0
    assert run("cp", source, place.url()).code == 0
    assert keys(place) == ["a/notes", "a/notes.txt", "notes.txt"]
    assert place.store.head("a/notes.txt").content_type == "text/plain"
    assert run("cp", place.url("a/notes"), tmp_path / "new" / "copy").code == 0
    assert (tmp_path / "new" / "copy").read_text() == "hello"
    assert run("cp", place.url("a/notes"), tmp_path / "new").code == 0
    assert (tmp_path / "new" / "notes").read_text() == "hello"


def test_streams(place: Place, run: Run) -> None:
    assert run("cp", "-", place.url("k"), given=b"from stdin").code == 0
    assert run("cp", place.url("k"), "-").data == b"from stdin"


def test_headers_of_an_upload(place: Place, run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_bytes(b"x")
    flags = ["--content-type", "image/png", "--meta", "colour=blue", "--meta", "equation=a=b"]
    assert run("cp", *flags, tmp_path / "f.txt", place.url("k")).code == 0
    meta = place.store.head("k")
    assert (meta.content_type, meta.metadata) == ("image/png", {"colour": "blue", "equation": "a=b"})
    assert run("cp", "--meta", "colour", tmp_path / "f.txt", place.url("k")).code == 2


def test_nothing_is_replaced_with_no_clobber(place: Place, run: Run, tmp_path: Path) -> None:
    place.store.put("k", b"old")
    place.store.put("l", b"other")
    (tmp_path / "f").write_bytes(b"new")
    for arguments in (
        [tmp_path / "f", place.url("k")],
        [place.url("l"), place.url("k")],
        [place.url("k"), tmp_path / "f"],
    ):
        answer = run("cp", "-n", *arguments)
        assert answer.code == 1
        assert "-n leaves it as it is" in answer.err
    assert place.store.get("k").read() == b"old"
    assert (tmp_path / "f").read_bytes() == b"new"


def test_folders_up_down_and_across(place: Place, run: Run, folder: Path, tmp_path: Path) -> None:
    assert run("cp", "-r", folder, place.url("site")).code == 0
    assert keys(place) == ["site/page.html", "site/sub/data"]
    assert place.store.head("site/page.html").content_type == "text/html"
    assert (
        run("cp", "-r", place.url("site"), place.url("copy/")).lines[0].endswith(f" to {place.url('copy/page.html')}")
    )
    assert keys(place)[:2] == ["copy/page.html", "copy/sub/data"]
    assert place.store.head("copy/page.html").content_type == "text/html"
    assert run("cp", "-r", place.url("copy"), tmp_path / "out").code == 0
    assert (tmp_path / "out" / "sub" / "data").read_bytes() == b"\0\1"
    assert run("cp", "-r", place.url("absent"), place.url("copy")).code == 1


def test_what_is_no_file_is_refused_or_left_out_if_asked(place: Place, run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to("/etc/hostname")
    answer = run("cp", "-r", folder, place.url("site"))
    assert answer.code == 2
    assert "--skip-special" in answer.err
    assert keys(place) == []
    assert run("cp", "-r", "--skip-special", folder, place.url("site")).code == 0
    assert keys(place) == ["site/page.html", "site/sub/data"]
    for wrong in (["cp", "-r", place.url("site"), tmp_path / "out"], ["cp", folder / "page.html", place.url("k")]):
        refused = run(*wrong, "--skip-special")
        assert (refused.code, "--skip-special" in refused.err) == (2, True)


def test_a_key_that_would_leave_the_folder_is_refused_and_nothing_written(
    place: Place, run: Run, tmp_path: Path
) -> None:
    place.store.put("d/fine", b"x")
    place.store.put("d/../../evil", b"x")
    answer = run("cp", "-r", place.url("d/"), tmp_path / "out")
    assert answer.code == 2
    assert "evil" in answer.err
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "out" / "fine").exists()


def test_moves(place: Place, run: Run, tmp_path: Path) -> None:
    source = tmp_path / "f"
    source.write_bytes(b"x")
    assert run("mv", source, place.url("a")).code == 0
    assert not source.exists()
    assert run("mv", place.url("a"), place.url("b")).code == 0
    assert keys(place) == ["b"]
    assert run("mv", place.url("b"), tmp_path / "back").code == 0
    assert keys(place) == []
    assert (tmp_path / "back").read_bytes() == b"x"
    for key in ("d/1", "d/2"):
        place.store.put(key, b"x")
    assert run("mv", "-r", place.url("d"), place.url("e")).code == 0
    assert keys(place) == ["e/1", "e/2"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "y"],
        ["-", "URL"],
        ["URL", "x"],
        ["-r", "-", "URL/k"],
        ["x", "y", "URL/k"],
        ["-r", "URL/d", "-"],
        ["--meta", "a=b", "URL/k", "URL/l"],
        ["--resume", "URL/k", "URL/l"],
        ["--resume", "URL/k", "-"],
        ["--resume", "-", "URL/l"],
        ["--resume", "-r", "x", "URL/d"],
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything(place: Place, run: Run, arguments: list[str]) -> None:
    place.store.put("k", b"x")
    given = [place.url(item[4:]) if item.startswith("URL") else item for item in arguments]
    assert run("cp", *given, given=b"").code == 2
    assert keys(place) == ["k"]


@pytest.mark.parametrize("durable", [[], ["--durable"]])
def test_a_download_that_fails_leaves_no_folder_that_it_made(
    place: Place, run: Run, tmp_path: Path, durable: list[str]
) -> None:
    (tmp_path / "there").mkdir()
    for target in ("new/deep/file", "new/", "there/new/file", "there/file"):
        answer = run("cp", *durable, place.url("gone"), f"{tmp_path}/{target}")
        assert answer.code == 1
        assert "gone" in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store", "there"][place.kind == "s3" :]
    assert list((tmp_path / "there").iterdir()) == []


def test_sync_and_its_dry_run(place: Place, run: Run, folder: Path) -> None:
    place.store.put("site/extra", b"x")
    dry = run("sync", "-n", "--delete", folder, place.url("site"))
    assert dry.lines == [
        "would delete extra (extra)",
        "would create page.html (new)",
        "would create sub/data (new)",
        "3 to do, 0 unchanged",
    ]
    assert keys(place) == ["site/extra"]
    assert run("sync", folder, place.url("site")).lines == ["2 copied, 0 deleted, 0 unchanged"]
    assert run("sync", folder, place.url("site")).lines == ["0 copied, 0 deleted, 2 unchanged"]
    refused = run("sync", "--delete", folder, place.url("site"))
    assert refused.code == 2
    assert "--yes" in refused.err
    assert "site/extra" in keys(place)
    assert run("sync", "--delete", "-y", "--json", folder, place.url("site")).rows[-1]["deleted"] == 1
    assert keys(place) == ["site/page.html", "site/sub/data"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["URL/k", "URL/l"], "--resume goes on with an upload or a download: leave it out between two stores"),
        (["URL/k", "-"], "--resume needs a file: a stream begins anew; leave --resume out"),
        (["-", "URL/l"], "--resume needs a file: a stream begins anew; leave --resume out"),
        (["-r", "x", "URL/d"], "--resume goes on with files, not with folders: leave -r out, or use dskit sync"),
    ],
)
def test_a_resume_that_cannot_be_says_why_and_what_to_do(
    place: Place, run: Run, arguments: list[str], said: str
) -> None:
    given = [place.url(item[4:]) if item.startswith("URL") else item for item in arguments]
    assert run("cp", "--resume", *given, given=b"").err == f"dskit: Configuration: {said}\n"


def test_a_sync_deletes_what_it_showed_and_nothing_that_came_while_it_asked(
    place: Place, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("old", "changed"):
        place.store.put(f"site/{key}", b"x")
    questions = []

    def answer_slowly(question: str, yes: bool) -> None:
        questions.append(question)
        place.store.put("site/new", b"not to be seen in the question")
        place.store.put("site/changed", b"another one than was shown")

    monkeypatch.setattr("dskit.cli.syncing.ask", answer_slowly)
    answer = run("sync", "--delete", folder, place.url("site"))
    assert [question.split()[:3] for question in questions] == [["Remove", "2", "objects"]]
    assert keys(place) == ["site/changed", "site/new", "site/page.html", "site/sub/data"]
    assert answer.code == 1
    assert "changed" in answer.err
    assert answer.lines == ["2 copied, 1 deleted, 0 unchanged"]


@pytest.mark.parametrize("written", ["{}", "file:{}", "file:{}#sub"])
def test_a_sync_says_what_it_leaves_out(place: Place, run: Run, folder: Path, written: str) -> None:
    """Links, devices, names that are not UTF-8, below a folder however it is written."""
    (folder / "link").symlink_to("page.html")
    (folder / "sub" / "loop").symlink_to(folder)
    os.mkfifo(folder / "sub" / "pipe\n")
    source, inside = written.format(folder), 2 if "#" in written else 3
    for options in (["-n"], ["-q"], ["--json"]):
        answer = run("sync", *options, source, place.url("site"))
        assert answer.code == 0
        assert answer.err.startswith(f"dskit: left out {inside} names of {source} that no object can")
        assert "; -v names them" in answer.err
    named = run("sync", "-v", source, place.url("site")).err.splitlines()
    assert len(named) == inside
    assert named[-1] == f"dskit: left out: {folder}/sub/pipe\\n is neither a file nor a folder"
    assert f"dskit: left out: {folder}/sub/loop is a symbolic link, which is not followed" in named


def test_a_sync_that_leaves_nothing_out_says_nothing(place: Place, run: Run, folder: Path) -> None:
    (folder / "other").symlink_to("page.html")
    for source in (folder / "sub", place.url("site")):
        for options in ([], ["-v"]):
            assert run("sync", *options, source, place.url("site" if source == folder / "sub" else "copy")).err == ""


def test_sync_of_a_folder_that_is_not_there_makes_none(place: Place, run: Run, tmp_path: Path) -> None:
    place.store.put("site/k", b"x")
    answer = run("sync", "--delete", "-y", tmp_path / "absent", place.url("site"))
    assert answer.code == 1
    assert not (tmp_path / "absent").exists()
    assert keys(place) == ["site/k"]


@pytest.mark.parametrize("conditional", [True, False])
def test_what_was_moved_is_only_removed_while_it_is_the_same(conditional: bool) -> None:
    """Also from a store whose deletions know no condition."""
    inner = dskit.MemoryStore()
    moved = inner.put("k", b"moved").etag
    newer = inner.put("k", b"came meanwhile").etag
    store = without(inner, delete_if_match=conditional)
    with pytest.raises(dskit.StoreError):
        remove_moved(store, "k", moved)
    assert inner.exists("k")
    remove_moved(store, "k", newer)
    assert not inner.exists("k")


def test_what_cannot_be_read_or_written_is_said_in_words(place: Place, run: Run, tmp_path: Path) -> None:
    place.store.put("d/k", b"1")
    (tmp_path / "file").write_bytes(b"")
    before = sorted(tmp_path.iterdir())
    for arguments, words in (
        (["cp", place.url("d/k"), tmp_path / "file" / "x"], "is a file where a folder should be"),
        (["cp", place.url("d/k"), tmp_path / "file" / "deep" / "x"], "is a file where a folder should be"),
        (["cp", "-r", place.url("d"), tmp_path / "file"], "is a file where a folder should be"),
        (["cp", tmp_path / "absent", place.url("k")], "there is no file"),
    ):
        answer = run(*arguments)
        assert (answer.code, words in answer.err, "Errno" in answer.err) == (2, True, False), answer.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_is_not_there_makes_no_target(run: Run, tmp_path: Path) -> None:
    for source in (tmp_path / "absent", tmp_path):
        assert run("cp", source, f"disk:{tmp_path}/new").code == 2
        assert not (tmp_path / "new").exists()


def test_a_folder_of_nothing_is_not_made(place: Place, run: Run, tmp_path: Path) -> None:
    assert run("cp", "-r", place.url("absent"), tmp_path / "new").code == 1
    assert not (tmp_path / "new").exists()
