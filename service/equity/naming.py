"""How instruments of equity are called, as message ids."""

from service.foundation.language import later

INSTRUMENT_TITLES = {
    "award": later("Share award"),
    "restricted": later("Restricted shares"),
    "option": later("Share options"),
    "virtual": later("Virtual shares"),
}
