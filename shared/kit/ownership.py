"""Whose things a holder may see and change. Which rule holds for which call is in `shared.contracts.access`.

A holder that is bound to a participant (`Principal.bound_to`) has its own things; for everybody else the role is the limit.
"""

from __future__ import annotations

from typing import Any

from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import ContractTerms
from shared.kit.tokens import Principal, Role


def own_only(who: Principal, code: ErrorCode, *owners: str, **details: Any) -> None:
    """Raises `code`, that of a thing which does not exist, where the thing is a stranger's: so nobody learns that it does."""
    if who.bound_to is not None and who.bound_to not in owners:
        raise Refusal(code, **details)


def in_own_name(who: Principal, field: str, name: str) -> None:
    """Raises `forbidden` where a participant would act in the name of another."""
    if who.bound_to is not None and name != who.bound_to:
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), field=field, reason="a participant acts in its own name only")


def parties(terms: ContractTerms) -> tuple[str, ...]:
    """Whose business a contract is."""
    return (terms.model_owner_id, *(seller.seller_node_id for seller in terms.sellers))


def side_of(who: Principal, terms: ContractTerms) -> tuple[str, ...]:
    """Who may act on a contract in the role of `who`: its buyer, or its sellers."""
    return parties(terms)[1:] if who.role is Role.PROVIDER else (terms.model_owner_id,)
