"""The client module: talk to TP-Link's cloud and keep its secrets.

``hosts`` decides who may get a token, ``transport`` is the only home of
``requests``, ``envelope`` reads answers, ``exchange`` shows what went over the wire.
"""

from tplink_lab.cloud.client import Cloud
from tplink_lab.cloud.exchange import Exchange
from tplink_lab.cloud.secret import Secret

__all__ = ["Cloud", "Exchange", "Secret"]
