"""A Tapo device on the table: answers as its dump does, and remembers what is set."""

import copy
from typing import Any

PAGE = 2  # fewer than real ones list, so that every list has pages


class TapoOnTheTable:
    """A route that ends in a recorded device; ``asked`` counts its requests."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = copy.deepcopy(answers)
        self.asked = 0

    def ask(self, request: Any, *, repeatable: bool = False) -> dict[str, Any]:
        self.asked += 1
        return self.answer(request, self.answers)

    def answer(self, request: Any, known: dict[str, Any]) -> dict[str, Any]:
        method, params = request["method"], request.get("params", {})
        if method == "multipleRequest":
            rows = [
                {"method": one["method"], **self.answer(one, known)}
                for one in params["requests"]
            ]
            return {"error_code": 0, "result": {"responses": rows}}
        if method == "control_child":
            child = self.child(params["device_id"])
            inner = self.answer(params["requestData"], child)
            return {"error_code": 0, "result": {"responseData": inner}}
        if method == "set_device_info":
            known["get_device_info"].update(params)
            return {"error_code": 0}
        if method == "set_led_info":
            known["get_led_info"].update(params)
            return {"error_code": 0}
        found = known.get(method, -1002)
        if isinstance(found, int):
            return {"error_code": found}
        if method == "get_child_device_list":
            rows = found["child_device_list"]
            start = params["start_index"]
            page = {"child_device_list": rows[start : start + PAGE], "sum": len(rows)}
            return {"error_code": 0, "result": {**page, "start_index": start}}
        return {"error_code": 0, "result": copy.deepcopy(found)}

    def child(self, device_id: str) -> dict[str, Any]:
        rows = self.answers["get_child_device_list"]["child_device_list"]
        row = next(r for r in rows if r["device_id"] == device_id)
        recorded = self.answers.get("child_devices", {}).get(device_id, {})
        return {**recorded, "get_device_info": row}
