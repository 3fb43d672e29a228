"""The log of exchanges is bounded, whatever comes and in whatever order."""

import tplink_lab as tl
from tests.data.homes import home, plug
from tplink_lab.cloud.exchange import KEPT_BYTES, Exchange, ExchangeLog
from tplink_lab.cloud.secret import Secret

KB = 1000


def answered(log: ExchangeLog, name: str, size: int) -> Exchange:
    exchange = Exchange(name, "http://127.0.0.1:9", {})
    log.append(exchange)
    exchange.answered(200, Secret("x" * size), 1.0, ())
    log.weigh(exchange)
    return exchange


def names(log: ExchangeLog) -> list[str]:
    return [exchange.call for exchange in log]


def test_the_oldest_go_when_there_are_too_many() -> None:
    log = ExchangeLog(most=3)
    for number in range(5):
        answered(log, str(number), 1)
    assert names(log) == ["2", "3", "4"]


def test_the_oldest_go_when_they_are_too_large_together() -> None:
    log = ExchangeLog(most=200, most_bytes=100 * KB)
    for number in range(50):
        answered(log, str(number), 30 * KB)
    assert names(log) == ["47", "48", "49"]
    answered(log, "small", 1)
    assert names(log) == ["47", "48", "49", "small"]


def test_the_newest_stays_however_large_it_is() -> None:
    log = ExchangeLog(most_bytes=100 * KB)
    answered(log, "before", 1)
    answered(log, "huge", 500 * KB)
    assert names(log) == ["huge"]
    answered(log, "after", 1)
    assert names(log) == ["after"]


def test_an_answer_that_comes_after_its_exchange_was_dropped_counts_nothing() -> None:
    log = ExchangeLog(most=2, most_bytes=100 * KB)
    late = Exchange("late", "http://127.0.0.1:9", {})
    log.append(late)
    for number in range(2):
        answered(log, str(number), 40 * KB)
    late.answered(200, Secret("x" * 90 * KB), 1.0, ())
    log.weigh(late)
    answered(log, "2", 40 * KB)
    assert names(log) == ["1", "2"]


def test_many_long_lists_stay_within_the_bound() -> None:
    with tl.practice(home(*(plug(n, f"Plug {n}") for n in range(3000)))) as cloud:
        for _ in range(24):
            cloud.call("getDeviceList")
        size = sum(exchange.size_bytes for exchange in cloud.exchanges)
        assert size <= KEPT_BYTES
        assert 1 < len(cloud.exchanges) < 24
        assert cloud.last_exchange.call == "getDeviceList"
