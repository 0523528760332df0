"""Searches Kokoro's space of styles for the one that sounds like a person. Pure: the caller renders."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_AXES = 30
"""Principal components of the stock voices that are searched: the space that sounds like speech."""
_HALF = 128
"""The first half of a style is the timbre, the second the prosody: both count the same."""
_FIRST_TRUST, _MIN_TRUST, _MAX_TRUST = 0.8, 0.15, 3.0
_WIDER, _NARROWER, _REFUSED = 1.3, 0.88, 0.7
_MAX_DEVIATION = 3.0
_BLENDED, _BLEND_TEMPERATURE = 4, 0.03
_NOISE = 0.25
_FAR_WEIGHT = 0.02
_STEPS, _STEP = 40, 0.3


class StyleSearch:
    """Proposes styles, one after the other, from how the last ones sounded.

    A linear map from styles to the encoder's embeddings is fitted anew each time, around the best style; the
    next one is where it predicts the largest cosine with `target`, within a radius that grows with success.
    """

    def __init__(self, styles: Sequence[Vector], voices: Sequence[Vector], target: Vector) -> None:
        """Begins with the stock voices: `styles` of shape (256,), how they sound, and the person wanted."""
        stock = np.stack(styles)
        self._middle = stock.mean(axis=0)
        scales = [stock[:, :_HALF].std(), stock[:, _HALF:].std()]
        self._scale = np.repeat(scales, _HALF)
        _, sizes, axes = np.linalg.svd((stock - self._middle) / self._scale, full_matrices=False)
        self._axes = axes[:_AXES]
        self._deviations = sizes[:_AXES] / np.sqrt(len(stock))
        self._target = target
        self._places = [self._place(style) for style in stock]
        self._voices = list(voices)
        self._stock = len(self._voices)
        self._cosines = [float(voice @ target) for voice in voices]
        self._best = int(np.argmax(self._cosines))
        self._trust = _FIRST_TRUST
        self._random = np.random.default_rng(0)
        self._proposed: Vector = self._blend()

    @property
    def style(self) -> Vector:
        """The best style so far."""
        return self._style(self._places[self._best])

    @property
    def cosine(self) -> float:
        """How near the best style is to the target."""
        return self._cosines[self._best]

    def propose(self) -> Vector:
        """Returns the style to be rendered next."""
        return self._style(self._proposed)

    def hear(self, voice: Vector | None) -> None:
        """Notes how the proposed style sounds; `None` if it is no speech."""
        if voice is None:
            self._trust *= _REFUSED
        else:
            self._note(voice)
        self._proposed = self._ascent()

    def _note(self, voice: Vector) -> None:
        self._places.append(self._proposed)
        self._voices.append(voice)
        self._cosines.append(float(voice @ self._target))
        if self._cosines[-1] > self._cosines[self._best]:
            self._best = len(self._cosines) - 1
            self._trust = min(self._trust * _WIDER, _MAX_TRUST)
        else:
            self._trust = max(self._trust * _NARROWER, _MIN_TRUST)

    def _place(self, style: Vector) -> Vector:
        return ((style - self._middle) / self._scale) @ self._axes.T / self._deviations

    def _style(self, place: Vector) -> Vector:
        return self._middle + ((place * self._deviations) @ self._axes) * self._scale

    def _blend(self) -> Vector:
        """Returns the place between the nearest voices."""
        nearest = np.argsort(self._cosines)[::-1][:_BLENDED]
        cosines: Vector = np.array(self._cosines)[nearest]
        weights: Vector = np.exp((cosines - cosines[0]) / _BLEND_TEMPERATURE)
        places: Vector = np.array(self._places)[nearest]
        return cast(Vector, (weights / weights.sum()) @ places)

    def _ascent(self) -> Vector:
        """Returns the place near the best one at which the fitted map comes nearest to the target."""
        best, fitted = self._places[self._best], self._fitted()
        step = np.zeros(len(best))
        for _ in range(_STEPS):
            voice = np.append(step, (1.0, 1.0)) @ fitted
            length = float(np.linalg.norm(voice))
            slope = fitted[:-2] @ (self._target / length - voice * (voice @ self._target) / length**3)
            step = step + _STEP * self._trust * slope / (np.linalg.norm(slope) + 1e-9)
            step *= min(1.0, self._trust / (float(np.linalg.norm(step)) + 1e-9))
        step += self._random.normal(0, _NOISE * self._trust / np.sqrt(len(step)), len(step))
        return np.clip(best + step, -_MAX_DEVIATION, _MAX_DEVIATION)

    def _fitted(self) -> NDArray[np.float64]:
        """Returns the map from steps off the best place to embeddings; what is near counts more.

        Its last two inputs are 1, and whether the voice was rendered: that is done in another way than with
        the stock voices, which shifts all of its voices alike.
        """
        steps = np.array(self._places) - self._places[self._best]
        distances = np.square(steps).sum(axis=1)
        weights = np.exp(-distances / (np.median(distances) + 1e-6)) + _FAR_WEIGHT
        rendered = np.arange(len(steps)) >= self._stock
        inputs = np.hstack([steps, np.ones((len(steps), 1)), rendered[:, np.newaxis]])
        ridge = np.diag(np.append(np.ones(steps.shape[1]), (1e-3, 1e-3)))
        weighted = inputs.T * weights
        voices: Vector = np.array(self._voices)
        found = np.linalg.solve(cast(Vector, weighted @ inputs) + ridge, cast(Vector, weighted @ voices))
        return np.asarray(found, np.float64)
