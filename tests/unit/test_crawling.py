from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from kg.pool.client import PoolClient
from server import crawling
from server.app import create_app
from server.pinning import Origin, pin
from server.service import EXTENSION
from server.settings import Settings

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ADDRESSES = [f"http://e/{number}?a&b" for number in range(5)]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A site of five pages whose sitemaps may hold two."""
    monkeypatch.setattr(crawling, "MOST_ADDRESSES", 2)
    file = tmp_path / "a.ttl"
    file.write_text("<urn:a> <urn:b> <urn:c> .")
    served = pin(Origin(tmp_path, (file,)), tmp_path / "pin")
    app = create_app(Settings(public_url="http://e/"), served, PoolClient(tmp_path / "socket"))
    app.extensions[EXTENSION].kept("addresses", lambda: ADDRESSES)
    return app.test_client()


def addresses(data: bytes, whole: str) -> list[str]:
    root = ElementTree.fromstring(data)
    assert root.tag == SITEMAP + whole
    return [each.text or "" for each in root.iter(SITEMAP + "loc")]


def test_more_than_a_sitemap_may_hold_makes_several_and_a_list_of_them(client: FlaskClient) -> None:
    parts = addresses(client.get("/sitemap.xml").data, "sitemapindex")
    assert parts == [f"http://e/sitemap.xml?page={number}" for number in (1, 2, 3)]
    found = [each for part in parts for each in addresses(client.get(part.removeprefix("http://e")).data, "urlset")]
    assert found == ADDRESSES


@pytest.mark.parametrize("page", ["0", "4", "-1", "x", "", "1.0", "01"])
def test_a_page_that_is_not_there(client: FlaskClient, page: str) -> None:
    assert client.get(f"/sitemap.xml?page={page}").status_code == 404
