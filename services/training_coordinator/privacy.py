"""What a contract's models give away of any one provider's data, in the terms of differential privacy. Pure.

Each round releases a mean of updates with Gaussian noise of `noise_multiplier` times its sensitivity, and every provider takes part in
every round. T such releases are together one Gaussian mechanism with mu = sqrt(T) / noise_multiplier (Dong, Roth and Su 2022,
"Gaussian differential privacy", corollary 2): exact, no bound. Its delta for an epsilon is Balle and Wang 2018, "Improving the Gaussian
mechanism", theorem 8:

    delta(epsilon) = Phi(mu/2 - epsilon/mu) - e^epsilon * Phi(-mu/2 - epsilon/mu)

Neighbours differ in one provider's whole update being there or zero.
"""

from __future__ import annotations

from math import exp, inf, sqrt
from statistics import NormalDist

from shared.contracts.events import PrivacySpent, PrivacyTerms

_PHI = NormalDist().cdf


def delta_of(epsilon: float, mu: float) -> float:
    """The least delta with which a Gaussian mechanism of this mu is (epsilon, delta)-private."""
    tail = _PHI(-mu / 2 - epsilon / mu)
    # Where the tail is zero to a double, e^epsilon times it is below what can be told from nothing.
    return _PHI(mu / 2 - epsilon / mu) - (exp(epsilon) * tail if tail > 0 else 0.0)


def epsilon_of(delta: float, mu: float) -> float:
    """The least epsilon, rounded up to six decimals; infinite where it is beyond 500, which promises nobody anything."""
    low, high = 0.0, 500.0
    if delta_of(high, mu) > delta:
        return inf
    if delta_of(low, mu) <= delta:
        return 0.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, mu) > delta else (low, middle)
    return round(high + 5e-7, 6)


def spent(terms: PrivacyTerms | None, rounds: int) -> PrivacySpent | None:
    """What `rounds` rounds have spent; null where privacy is off, no model came out, or there is no finite epsilon."""
    if terms is None or rounds < 1:
        return None
    epsilon = epsilon_of(terms.delta, sqrt(rounds) / terms.noise_multiplier)
    if epsilon == inf:
        return None
    return PrivacySpent(
        epsilon=epsilon,
        delta=terms.delta,
        rounds=rounds,
        noise_multiplier=terms.noise_multiplier,
        clipping_norm=terms.clipping_norm,
    )
