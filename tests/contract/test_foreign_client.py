"""A client that nobody here wrote cannot tell the practice cloud from the real one.

``tplink-cloud-api`` (MIT, PyPI) in its last version that speaks the classic, unsigned
API. It is used as it is; only its documented host parameter points to loopback.
"""

import asyncio
from typing import Any

import pytest
from tplinkcloud import TPLinkDeviceManager

import tplink_lab as tl


def managed(cloud: tl.Cloud, work: Any) -> Any:
    """Log in with the foreign client and run ``work(manager)``."""

    async def main() -> Any:
        school = cloud.practice
        manager = await TPLinkDeviceManager(
            school.email, school.password, tplink_cloud_api_host=school.url
        )
        return await work(manager)

    return asyncio.run(main())


def test_it_logs_in_and_lists_what_we_list(cloud: tl.Cloud) -> None:
    async def aliases(manager: Any) -> list[str]:
        return [device.get_alias() for device in await manager.get_devices()]

    found = managed(cloud, aliases)
    raw = [device.row["alias"] for device in cloud.devices()]
    outlets = [o.alias for o in cloud.device("Desk Strip").state().outlets]
    assert found == raw + outlets


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
