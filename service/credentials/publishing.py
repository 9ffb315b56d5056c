"""What an issuer publishes for everyone: its signed status lists, made anew when a bit or the hour changes."""

from collections import OrderedDict
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from certificates.canonical import canonical
from certificates.keys import did_of_base
from certificates.proofs import secured
from certificates.status import StatusList, compose_status_list
from service.bases.queries import base_by_code
from service.credentials.actions.signing import status_address
from service.credentials.queries import status_indices
from service.foundation import clock
from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring
from service.keys.actions import signer_of
from service.keys.queries import active
from service.settings import Settings

STATES = {"revocation": ("revoked", "superseded"), "suspension": ("suspended",)}
GOOD_FOR = timedelta(hours=24)
KEPT = 128

_made: OrderedDict[tuple[UUID, str, UUID, str, tuple[int, ...]], bytes] = OrderedDict()


async def signed_status_list(
    db: AsyncSession, keyring: Keyring, settings: Settings, base_code: str, purpose: str
) -> bytes:
    """A base's signed status list as JSON bytes. The bits are read each time, so a revocation shows at once.

    Raises NotFound for an unknown base or purpose, and while the base has never issued.
    """
    if purpose not in STATES:
        raise NotFound(what="status list")
    base = await base_by_code(db, base_code)
    key = await active(db, base.org_id)
    if key is None:
        raise NotFound(what="status list")
    indices = tuple(await status_indices(db, base.org_id, STATES[purpose]))
    now = clock.now()
    mark = (base.org_id, purpose, key.id, f"{now:%Y-%m-%dT%H}", indices)
    if mark in _made:
        return _made[mark]
    did = did_of_base(settings.public_host, base.code)
    address = status_address(settings.public_host, base.code, purpose)
    unsigned = compose_status_list(StatusList().with_set(*indices), address, did, purpose, now, now + GOOD_FOR)
    _made[mark] = canonical(secured(unsigned, signer_of(keyring, key, did), now))
    while len(_made) > KEPT:
        _made.popitem(last=False)
    return _made[mark]
