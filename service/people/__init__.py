"""One person for the country: identity, names, grounds, consents, affiliations."""
