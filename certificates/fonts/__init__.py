"""The typefaces of certificates and statements, and the script that builds their supplement."""
