"""How instruments, states and endings of equity are called, as message ids."""

from service.foundation.language import later

INSTRUMENT_TITLES = {
    "award": later("Share award"),
    "restricted": later("Restricted shares"),
    "option": later("Share options"),
    "virtual": later("Virtual shares"),
}

STATE_TITLES = {
    "proposed": later("Waits for approval"),
    "granted": later("Granted"),
    "refused": later("Not approved"),
    "ended": later("Ended"),
}
STATE_CHIPS = {"proposed": "pending", "granted": "ok", "refused": "closed", "ended": "closed"}

ENDING_TITLES = {
    "left": later("Left the unit"),
    "misconduct": later("Misconduct"),
    "targets_missed": later("Targets missed"),
    "agreed": later("Ended by agreement"),
    "company_ended": later("The company ended"),
}
