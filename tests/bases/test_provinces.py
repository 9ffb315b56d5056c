"""Every province has its two names, and the regions of identity numbers are the same provinces."""

from service.foundation.provinces import PROVINCES, place_names, province_names
from service.incentives.rules.law import shipped_rules
from service.people.rules import identity_regions


def test_regions_of_identity_numbers_are_the_provinces() -> None:
    for code, chinese in identity_regions()["resident"].items():
        assert PROVINCES[code]["zh"] == chinese


def test_a_code_is_said_in_both_languages_and_an_unknown_one_stands_for_itself() -> None:
    assert province_names("31") == {"zh": "上海市", "en": "Shanghai"}
    assert province_names("99") == {"zh": "99", "en": "99"}
    assert province_names(None) == {"zh": "", "en": ""}


def test_every_place_of_a_shipped_rule_has_an_english_name() -> None:
    for rule in shipped_rules():
        assert place_names(rule.place)["en"].isascii(), rule.place
