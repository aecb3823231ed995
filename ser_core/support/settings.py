"""Values that people write into TOML files, checked against the types of a dataclass' fields."""

import re
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from ser_core.errors import SerError

T = TypeVar("T")


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if twice := [value for value in values if values.count(value) > 1]:
        raise ValueError(f"List should name {twice[0]} once")
    return values


def _ascending(values: tuple[float, ...]) -> tuple[float, ...]:
    if values[0] > values[1]:
        raise ValueError("List should have the smaller number first")
    return values


Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], AfterValidator(_distinct)]
Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # of numpy and torch
Seeds = Annotated[tuple[Seed, ...], Field(min_length=1), AfterValidator(_distinct)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.01, allow_inf_nan=False)]  # one frame
Share = Annotated[float, Field(ge=0, le=1)]
Shares = tuple[Share, ...]
Numbers = tuple[Number, ...]
LowHigh = Annotated[
    tuple[Number, ...], Field(min_length=2, max_length=2), AfterValidator(_ascending)
]


@lru_cache
def _checks(kind: type) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: TypeAdapter(hint) for name, hint in hints.items() if not is_dataclass(hint)}


def check(settings: Any, where: str, error: type[SerError]) -> None:
    """Refuse a value that is not of its field's type: neither "3" nor true is the number 3.

    Args:
        settings: a dataclass; those inside it check themselves.
        where: the part of the file, for the message.
        error: to raise; one sentence that names part, setting, value, and what it should be.
    """
    kind: Any = type(settings)
    for name, adapter in _checks(kind).items():
        value = getattr(settings, name)
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as found:
            place, wrong, wanted = _explain(value, found)
            raise error(f"`{name}{place}` in {where} is {wrong!r}: it should {wanted}.") from found


def _explain(value: Any, found: ValidationError) -> tuple[str, Any, str]:
    """Which item of a value is wrong ("" for all of it), that item, and what it should do."""
    errors = found.errors()
    deepest = max(len(error["loc"]) for error in errors)  # of the types of a union, the likely one
    errors = [error for error in errors if len(error["loc"]) == deepest]
    wrong, place = errors[0]["input"], ""
    if wrong is not value:
        place = f"[{errors[0]['loc'][-1]!r}]"
    # In pydantic's words `Input should be a valid tuple`; TOML has lists and tables.
    wanted = [
        re.sub(r"^(Value error, )?\w+ should ", "", error["msg"])
        .replace("valid tuple", "list")
        .replace("valid list", "list")
        .replace("valid dictionary", "table")
        .replace(" after validation", "")
        for error in (errors[:1] if place else errors)
    ]
    return place, list(wrong) if isinstance(wrong, tuple) else wrong, " or ".join(wanted)
