"""A client that nobody here wrote cannot tell the practice cloud from the real one.

``tplink-cloud-api`` 5.2 (MIT, PyPI) signs its calls and logs in to both apps. It is
used as it is, with the published keys it carries; only its documented host parameter
points to loopback. It looks for errors at the top of an answer only, so where it has to
see one, the practice cloud is told to put it there.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import urllib.request
from typing import Any

import pytest
from tplinkcloud import TPLinkDeviceManager
from tplinkcloud.client import TPLinkApi
from tplinkcloud.exceptions import (
    TPLinkAuthError,
    TPLinkCloudError,
    TPLinkMFARequiredError,
    TPLinkTokenExpiredError,
)

import tplink_lab as tl

TERMINAL = "3c1e4a52-0000-4000-8000-5f3759df0001"


def managed(cloud: tl.Cloud, work: Any, **more: Any) -> Any:
    """Log in with the foreign client and run ``work(manager)``."""

    async def main() -> Any:
        school = cloud.practice
        manager = await TPLinkDeviceManager(
            school.email, school.password, tplink_cloud_api_host=school.url, **more
        )
        return await work(manager)

    return asyncio.run(main())


def login(cloud: tl.Cloud, app: str, password: str | None = None, **more: Any) -> Any:
    """Log in to one app with the foreign client's own function."""
    school = cloud.practice
    api = TPLinkApi(school.url, cloud_type=app, term_id=TERMINAL)
    return api, api.login(school.email, password or school.password, **more)


def test_it_logs_in_to_both_apps_and_lists_what_we_list(cloud: tl.Cloud) -> None:
    async def found(manager: Any) -> tuple[list[str], str, str]:
        aliases = [device.get_alias() for device in await manager.get_devices()]
        return aliases, manager.get_token(), manager.get_tapo_token()

    aliases, kasa, tapo = managed(cloud, found)
    raw = [device.row["alias"] for device in cloud.devices()]
    strips = ("Desk Strip", "Patio Plug")
    outlets = [o.alias for name in strips for o in cloud.device(name).state().outlets]
    assert sorted(aliases) == sorted(raw + outlets)
    assert kasa
    assert tapo
    assert kasa != tapo


def test_the_tapo_app_lists_the_smart_devices(cloud: tl.Cloud) -> None:
    api, result = login(cloud, "tapo")
    kinds = [row["deviceType"] for row in api.get_device_info_list(result["token"])]
    assert kinds
    assert all(kind.startswith("SMART.") for kind in kinds)


def test_what_it_switches_is_switched(cloud: tl.Cloud) -> None:
    async def toggled(manager: Any) -> tuple[bool, bool]:
        lamp = await manager.find_device("Desk Lamp")
        before = await lamp.is_on()
        await lamp.toggle()
        return before, await lamp.is_on()

    assert managed(cloud, toggled) == (False, True)
    assert cloud.device("Desk Lamp").is_on()
    assert cloud.practice.state("Desk Lamp")["on"] is True


def test_it_switches_one_outlet_of_a_strip(cloud: tl.Cloud) -> None:
    async def turned_on(manager: Any) -> None:
        await (await manager.find_device("Printer")).power_on()

    before = [o.is_on for o in cloud.device("Desk Strip").state().outlets]
    managed(cloud, turned_on)
    after = [o.is_on for o in cloud.device("Desk Strip").state().outlets]
    assert after == [*before[:3], True, *before[4:]]


def test_it_reads_the_same_meter(cloud: tl.Cloud) -> None:
    async def milliwatts(manager: Any) -> int:
        outlet = await manager.find_device("Monitor")
        usage = await outlet.get_power_usage_realtime()
        return int(usage.power_mw)

    outlet = cloud.device("Desk Strip").outlets["Monitor"]
    assert managed(cloud, milliwatts) == pytest.approx(
        outlet.energy.now().power_w * 1000
    )


def test_it_refreshes_when_its_tokens_expire(cloud: tl.Cloud) -> None:
    async def again(manager: Any) -> tuple[int, bool]:
        before = manager.get_token(), manager.get_tapo_token()
        listed = await manager.get_devices()
        cloud.practice.expire_token()
        relisted = await manager.get_devices()
        after = manager.get_token(), manager.get_tapo_token()
        changed = before[0] != after[0] and before[1] != after[1]
        return len(listed) - len(relisted), changed

    options = {"prefetch": False, "cache_devices": False}
    assert managed(cloud, again, **options) == (0, True)
    assert cloud.practice.calls["refreshToken"] == 2
    # Its calls are signed and say so where it matters.
    assert cloud.practice.calls["getAccountStatusAndUrl"] == 2


def test_it_learns_that_its_refresh_token_is_too_old(cloud: tl.Cloud) -> None:
    cloud.practice.nest_errors(False)
    api, result = login(cloud, "kasa")
    cloud.practice.expire_refresh_token()
    with pytest.raises(TPLinkTokenExpiredError):
        api.refresh_login(result["refreshToken"])


@pytest.mark.parametrize("app", ["kasa", "tapo"])
def test_it_names_what_the_cloud_refuses(cloud: tl.Cloud, app: str) -> None:
    cloud.practice.nest_errors(False)
    with pytest.raises(TPLinkAuthError) as wrong:
        login(cloud, app, "guess")
    assert wrong.value.error_code == -20601
    cloud.practice.lock_account()
    with pytest.raises(TPLinkCloudError) as locked:
        login(cloud, app)
    assert locked.value.error_code == -20661
    cloud.practice.unlock_account()
    cloud.practice.require_mfa()
    with pytest.raises(TPLinkMFARequiredError):
        login(cloud, app)


def test_it_follows_the_account_to_its_region(cloud: tl.Cloud) -> None:
    cloud.practice.move_account("use1")
    api, result = login(cloud, "tapo")
    assert api.host == cloud.practice.regions["use1"]
    assert api.get_device_info_list(result["token"])


def have_the_code_mailed(api: TPLinkApi, email: str, password: str) -> None:
    """Ask for the mail, which the foreign client leaves to its user."""
    path = "/api/v2/account/getEmailVC4TerminalMFA"
    body = json.dumps(
        {
            "appType": api._app_type,
            "cloudUserName": email,
            "cloudPassword": password,
            "terminalUUID": TERMINAL,
        }
    ).encode()
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    text = f"{md5}\n9999999999\nn\n{path}".encode()
    signature = hmac.new(api.secret_key.encode(), text, "sha1").hexdigest()
    request = urllib.request.Request(
        api.host + path,
        body,
        {
            "Content-MD5": md5,
            "X-Authorization": "Timestamp=9999999999, Nonce=n, "
            f"AccessKey={api.access_key}, Signature={signature}",
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        assert json.load(answer) == {"error_code": 0, "result": {"errorCode": 0}}


def test_it_logs_in_with_the_code_of_its_callback(cloud: tl.Cloud) -> None:
    school = cloud.practice
    school.require_mfa()
    school.nest_errors(False)
    asked = []

    def code(kind: str, email: str) -> str:
        # Kasa is logged in to first, and both share the terminal.
        app = ("kasa", "tapo")[len(asked)]
        asked.append((kind, email))
        api = TPLinkApi(school.url, cloud_type=app)
        have_the_code_mailed(api, email, school.password)
        return school.inbox()[-1].code

    async def lamp(manager: Any) -> tuple[bool, str, str]:
        device = await manager.find_device("My Smart Plug")
        on = await device.is_on()
        return on, manager.get_token(), manager.get_tapo_token()

    on, kasa, tapo = managed(cloud, lamp, mfa_callback=code, term_id=TERMINAL)
    assert on is school.state("My Smart Plug")["on"] is True
    assert kasa
    assert tapo
    assert asked == [("verifyCodeLogin", school.email)] * 2
    assert [mail.app for mail in school.inbox()] == ["kasa", "tapo"]


def test_a_wrong_code_is_refused_in_its_words(cloud: tl.Cloud) -> None:
    cloud.practice.require_mfa()
    cloud.practice.nest_errors(False)
    with pytest.raises(TPLinkAuthError) as refused:
        login(cloud, "kasa", mfa_callback=lambda kind, email: "not-a-code")
    assert refused.value.error_code == -20607
