"""Where a token may travel."""

import pytest

from tplink_lab.cloud.hosts import check_same_world, check_url, ways_to
from tplink_lab.errors import UntrustedHost


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://wap.tplinkcloud.com", "https://wap.tplinkcloud.com"),
        ("https://wap.tplinkcloud.com/", "https://wap.tplinkcloud.com"),
        ("https://EU-WAP.tplinkcloud.com:443", "https://eu-wap.tplinkcloud.com"),
        (
            "https://use1-app-server.iot.i.tplinknbu.com",
            "https://use1-app-server.iot.i.tplinknbu.com",
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("http://localhost:80", "http://localhost:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_tp_links_hosts_and_loopback_are_trusted(url: str, plain: str) -> None:
    assert check_url(url).url == plain


@pytest.mark.parametrize(
    "url",
    [
        "http://wap.tplinkcloud.com",
        "https://wap.tplinkcloud.com:8443",
        "https://eviltplinkcloud.com",
        "https://tplinkcloud.com.evil.example",
        "https://wap.tplinkcloud.com.evil.example",
        "https://wap.tplinkcloud.com@evil.example",
        "https://user:pw@wap.tplinkcloud.com",
        "https://evil.example/.tplinkcloud.com",
        "https://evil.example#.tplinkcloud.com",
        "https://evil.example?.tplinkcloud.com",
        "https://evil.example\\.tplinkcloud.com",
        "https://wap.tplinkcloud.com/path",
        "https://wap.tplinkcloud.com?token=x",
        "https://wap.tplinkcloud.com?",
        "https://wap.tplinkcloud.com#",
        "https://.tplinkcloud.com",
        "https://wap.tplinkcloud.com:99999",
        "https://[::1",
        "https://wap.tplinkcloud.com\n.evil.example",
        " https://wap.tplinkcloud.com",
        "https://ẃap.tplinkcloud.com",
        "ftp://wap.tplinkcloud.com",
        "//wap.tplinkcloud.com",
        "wap.tplinkcloud.com",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0:8080",
        "http://192.168.1.10:8080",
        "http://localhost.evil.example",
        "",
        "https://",
        "https://a\x00.tplinkcloud.com",
        "https://a..tplinkcloud.com",
        "https://a%2f.tplinkcloud.com",
        "http://[::1%x$(id)]:80",
        "http://[::1%25eth0]:80",
    ],
)
def test_everything_else_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(UntrustedHost, match="No token goes to"):
        check_url(url)


def test_a_refused_url_is_not_repeated_for_it_may_hold_a_token() -> None:
    with pytest.raises(UntrustedHost) as caught:
        check_url("https://wap.tplinkcloud.com/?token=a1b2c3d4-secret")
    assert "secret" not in str(caught.value)


def test_the_practice_world_and_the_real_one_never_mix() -> None:
    practice, real = (
        check_url("http://127.0.0.1:1"),
        check_url("https://a.tplinkcloud.com"),
    )
    with pytest.raises(UntrustedHost, match="stays there"):
        check_same_world(practice, "https://eu-wap.tplinkcloud.com")
    with pytest.raises(UntrustedHost, match="stays there"):
        check_same_world(real, "http://127.0.0.1:8080")
    assert check_same_world(real, "https://eu-wap.tplinkcloud.com").host


@pytest.mark.parametrize(
    ("url", "alias"),
    [
        ("https://n-wap.tplinkcloud.com", "wap.tplinkcloud.com"),
        ("https://n-wap-gw.tplinkcloud.com", "wap-gw.tplinkcloud.com"),
        ("https://n-aps1-wap-gw.tplinkcloud.com", "aps1-wap-gw.tplinkcloud.com"),
        ("https://n-use1-wap.tplinkcloud.com", "use1-wap.tplinkcloud.com"),
        ("https://n-wap.i.tplinkcloud.com", "wap.tplinkcloud.com"),
        ("https://n-euw1-wap-gw.i.tplinkcloud.com", "euw1-wap-gw.tplinkcloud.com"),
    ],
)
def test_an_alias_with_a_public_certificate_comes_first(url: str, alias: str) -> None:
    entry = check_url("https://wap.tplinkcloud.com")
    both = ways_to(url, entry, private_roots=True)
    assert [way.host for way in both] == [alias, check_url(url).host]
    assert not both[0].needs_private_roots
    assert both[1].needs_private_roots
    assert ways_to(url, entry, private_roots=False) == both[:1]


@pytest.mark.parametrize(
    "url",
    [
        "https://use1-app-server.iot.i.tplinknbu.com",
        "https://euw1-app-server.iot.i.tplinkcloud.com",
        "https://n-devs.tplinkcloud.com",
    ],
)
def test_hosts_without_an_alias_stay_what_they_are(url: str) -> None:
    address = check_url(url)
    assert address.needs_private_roots
    assert address.alias is None
    assert ways_to(url, address, private_roots=False) == [address]


def test_public_hosts_and_loopback_need_no_private_roots() -> None:
    for url in ("https://eu-wap.tplinkcloud.com", "http://127.0.0.1:8080"):
        assert not check_url(url).needs_private_roots
        assert check_url(url).alias is None
