"""Demo people, sign-ins and files for a first start."""
