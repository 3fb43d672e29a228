"""From nothing to the device list: what a script costs that asks once and ends.

python -m benchmarks.cold requests '{"url": …}'
"""

from __future__ import annotations

import json
import sys


def bare_requests(target: dict[str, str]) -> int:
    import requests

    def post(body: dict[str, object], **more: object) -> dict[str, object]:
        answer = session.post(
            target["url"], json=body, verify=target["roots"], timeout=60, **more
        ).json()
        assert answer["error_code"] == 0
        return dict(answer["result"])

    session = requests.Session()
    login = {
        "appType": "Kasa_Android",
        "cloudUserName": target["email"],
        "cloudPassword": target["password"],
        "terminalUUID": "3c1e4a52-0000-4000-8000-5f3759df0001",
    }
    token = post({"method": "login", "params": login})["token"]
    return len(post({"method": "getDeviceList"}, params={"token": token})["deviceList"])


def lab(target: dict[str, str], protocol: str = "v1") -> int:
    import tplink_lab as tl

    cloud = tl.login(
        target["email"],
        target["password"],
        url=target["url"],
        ca_file=target["roots"],
        remember=False,
        protocol=protocol,
    )
    return len(cloud.devices())


def py(target: dict[str, str]) -> int:
    import asyncio

    import tplinkcloud.client
    import tplinkcloud.device_client

    for module in (tplinkcloud.client, tplinkcloud.device_client):
        module.get_ca_cert_path = lambda: target["py_roots"]
    manager = tplinkcloud.TPLinkDeviceManager(
        target["email"],
        target["password"],
        prefetch=False,
        tplink_cloud_api_host=target["url"],
    )
    return len(asyncio.run(manager.get_devices()))


SCRIPTS = {
    "requests": bare_requests,
    "lab, article's login": lab,
    "lab, both apps": lambda target: lab(target, "v2"),
    "py, both apps": py,
}

if __name__ == "__main__":
    assert SCRIPTS[sys.argv[1]](json.loads(sys.argv[2])) == 10
