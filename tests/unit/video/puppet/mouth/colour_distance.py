"""CIEDE2000, the distance of two colours as the eye sees it (Sharma, Wu and Dalal, 2005)."""

import cv2
import numpy as np


def colour_distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns the distance of each pair of BGR colours, 0 to 255; both are (n, 3)."""
    return lab_distance(lab_of(one), lab_of(other))


def lab_of(bgr: np.ndarray) -> np.ndarray:
    picture = np.asarray(bgr, dtype=np.float32).reshape(-1, 1, 3) / 255
    return cv2.cvtColor(picture, cv2.COLOR_BGR2LAB).reshape(-1, 3).astype(np.float64)


def lab_distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns the distance of each pair of L*, a*, b*; both are (n, 3)."""
    mean_chroma = (np.hypot(*one[:, 1:].T) + np.hypot(*other[:, 1:].T)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    (l1, c1, h1), (l2, c2, h2) = (_polar(each, stretch) for each in (one, other))
    turn = (h2 - h1 + 180) % 360 - 180
    colourless = c1 * c2 == 0
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(np.where(colourless, 0, turn)) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = np.where(colourless, h1 + h2, (h1 + turn / 2) % 360)
    weight = 1 + sum(
        share * np.cos(np.radians(times * mean_h + shift))
        for share, times, shift in ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    )
    light_off = (mean_l - 50) ** 2
    dl = (l2 - l1) / (1 + 0.015 * light_off / np.sqrt(20 + light_off))
    dc = (c2 - c1) / (1 + 0.045 * mean_c)
    dh = hue / (1 + 0.015 * mean_c * weight)
    rotation = 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    rotation *= -np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    return np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def _polar(lab: np.ndarray, stretch: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns lightness, chroma and hue in degrees, with a* stretched."""
    lightness, a, b = lab.T
    return lightness, np.hypot(a * stretch, b), np.degrees(np.arctan2(b, a * stretch)) % 360
