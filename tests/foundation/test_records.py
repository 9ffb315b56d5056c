"""Keys are made here: of version 7, never twice, in the order of their making."""

import time

from service.foundation.records import uuid7


def test_keys_are_in_the_order_of_their_making_within_a_millisecond_too() -> None:
    made = []
    for _ in range(500):
        made.append(uuid7())
        time.sleep(0.000001)  # a fraction of a millisecond is 244 nanoseconds
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
