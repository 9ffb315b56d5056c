"""Demo people, sign-ins and files for a first start."""

from service.samples.loading import load
from service.samples.sign_ins import sign_ins

__all__ = ["load", "sign_ins"]
