"""What is typed into fields that all forms share."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import NumberRange, Optional

from app.base.web.entries import NumberField


class Asked(Form):  # type: ignore[misc] # the library ships no type information
    """One number with a range."""

    amount = NumberField("Amount", [Optional(), NumberRange(0, 10, "From 0 to 10.")])


@pytest.mark.parametrize("typed", ["NaN", "sNaN", "-sNaN7", "Infinity", "-inf"])
def test_what_is_no_number_never_comes_as_far_as_a_range(typed: str) -> None:
    form = Asked(MultiDict({"amount": typed}))
    assert not form.validate()
    assert form.amount.errors[0] == "Not a valid decimal value."
    assert form.amount.data is None


@pytest.mark.parametrize("typed", ["1e999999", "-0.1"])
def test_a_number_out_of_range_is_told_the_range(typed: str) -> None:
    form = Asked(MultiDict({"amount": typed}))
    assert not form.validate()
    assert form.errors == {"amount": ["From 0 to 10."]}
