"""What the dashboard's page opens."""

from __future__ import annotations

import tplink_lab as tl
from tplink_lab import dashboard


def test_it_resumes_the_session_that_is_named(cloud, folder, monkeypatch):
    school = cloud.practice
    tl.login(school.email, school.password, url=school.url, remember=True).close()
    monkeypatch.setenv(dashboard.ACCOUNT, school.email)
    with dashboard.open_cloud() as opened:
        assert opened.practice is None
        assert len(opened.devices()) == len(cloud.devices())


def test_without_a_name_it_is_a_practice_cloud(monkeypatch):
    monkeypatch.delenv(dashboard.ACCOUNT, raising=False)
    with dashboard.open_cloud() as opened:
        assert opened.practice is not None and not opened.practice.clock_stands


def test_a_session_that_is_not_there_is_told_in_the_page(folder, monkeypatch, capsys):
    monkeypatch.setenv(dashboard.ACCOUNT, "nobody@example.com")
    dashboard.show()
    assert "nobody@example.com" in capsys.readouterr().out
