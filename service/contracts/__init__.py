"""Technology contracts, their registration and the managers' part in them."""
