"""Installing a dictionary: one command, one file; a broken pack does not stop the site."""

import gzip

import pytest
from django.core.management import CommandError, call_command

from matching import index

pytestmark = pytest.mark.django_db
CEDICT = "# CC BY-SA 4.0\n漏水 漏水 [lou4 shui3] /to leak/\n"


@pytest.fixture
def data(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


def test_an_installed_dictionary_is_used(data, tmp_path, capsys):
    (tmp_path / "cedict.txt.gz").write_bytes(gzip.compress(CEDICT.encode()))
    call_command("install_pack", tmp_path / "cedict.txt.gz")
    told = capsys.readouterr().out
    assert "1 entries, 1 phrases in zh-hans" in told
    assert "licence: CC BY-SA 4.0" in told
    assert set(index.current().catalogue.context.glossary.packs) == {"zh-hans"}


def test_a_file_that_is_no_dictionary_is_refused(data, tmp_path):
    (tmp_path / "bad.u8").write_text("no dictionary\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"bad.u8, line 1"):
        call_command("install_pack", tmp_path / "bad.u8")
    with pytest.raises(CommandError, match="is not a file"):
        call_command("install_pack", tmp_path / "none.u8")


def test_a_pack_that_got_broken_is_left_out(data, caplog):
    (data / "packs").mkdir(parents=True)
    (data / "packs" / "zh.pack.gz").write_bytes(b"broken")
    assert index.current().catalogue.context.glossary.packs == {}
    assert "left out" in caplog.text
