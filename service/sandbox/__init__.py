"""The synthetic data of an organisation's sandbox, in which other systems try the interface out."""
