"""Paper made from frozen facts: HTML, typefaces, security pattern and PDF."""
