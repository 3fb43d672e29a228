"""Every error says what happened and what to do next."""

import inspect
import pickle

import pytest

from tplink_lab import errors
from tplink_lab.codes import CLOUD_CODES, IOT_CODES, cloud_error, device_error


@pytest.mark.parametrize("code", sorted(CLOUD_CODES))
def test_every_code_of_the_cloud_has_a_next_step(code: int) -> None:
    error = cloud_error("login", code, "")
    assert isinstance(error, CLOUD_CODES[code].kind)
    assert error.error_code == code
    assert error.next_step.endswith(".")
    assert str(error).startswith("login: the cloud says ")


@pytest.mark.parametrize("code", sorted(IOT_CODES))
def test_every_code_of_a_device_has_a_next_step(code: int) -> None:
    error = device_error("system.get_sysinfo", code, "")
    assert isinstance(error, IOT_CODES[code].kind)
    assert error.next_step.endswith(".")


def test_an_unknown_code_says_that_it_is_new_and_keeps_the_servers_words() -> None:
    error = cloud_error("x", -424242, "Der Server ist müde")
    assert type(error) is errors.CloudError
    assert error.server_text in str(error)
    assert "new to us" in error.next_step


def test_all_errors_share_one_base_and_survive_another_process() -> None:
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass)]
    family = [
        k for k in kinds if issubclass(k, Exception) and not issubclass(k, Warning)
    ]
    assert len(family) > 15
    for kind in family:
        assert issubclass(kind, errors.TPLinkLabError)
        made = kind("It broke.", call="x", cause="Rust.", next_step="Paint it.")
        again = pickle.loads(pickle.dumps(made))
        assert type(again) is kind
        assert str(again) == "x: It broke. Rust. Paint it."
        assert again.next_step == "Paint it."


def test_a_code_survives_another_process_too() -> None:
    again = pickle.loads(pickle.dumps(cloud_error("x", -20651, "Token expired")))
    assert again.error_code == -20651


def test_bad_input_is_also_the_builtin_that_people_expect() -> None:
    assert issubclass(errors.BadInput, ValueError)
    assert issubclass(errors.NoSuchDevice, LookupError)


def test_the_tree_in_the_modules_docstring_is_complete() -> None:
    drawn = inspect.getdoc(errors) or ""
    for name in errors.__all__:
        if inspect.isclass(getattr(errors, name)):
            assert f" {name} " in f"{drawn} ".replace("\n", " \n"), name
