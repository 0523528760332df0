"""Effect chains with names."""

from services.chassis.engine_api.effects import EffectPreset, EffectStep


def _preset(name: str, description: str, *steps: tuple[str, dict[str, float]]) -> EffectPreset:
    return EffectPreset(name, description, tuple(EffectStep(effect, amounts) for effect, amounts in steps))


PRESETS = (
    _preset(
        "chipmunk",
        "Small, high and in a hurry.",
        ("pitch", {"semitones": 14.0}),
        ("formant", {"scale": 1.2}),
        ("tempo", {"factor": 1.1}),
    ),
    _preset("child", "A child of about six.", ("pitch", {"semitones": 12.0}), ("formant", {"scale": 1.14})),
    _preset(
        "giant",
        "Huge and slow.",
        ("pitch", {"semitones": -5.0}),
        ("formant", {"scale": 0.88}),
        ("tempo", {"factor": 0.88}),
        ("bass", {"decibels": 5.0}),
    ),
    _preset(
        "monster",
        "Growls.",
        ("pitch", {"semitones": -6.0}),
        ("formant", {"scale": 0.88}),
        ("distortion", {"decibels": 10.0}),
        ("bass", {"decibels": 4.0}),
    ),
    _preset(
        "demon",
        "From below, and not alone.",
        ("pitch", {"semitones": -8.0}),
        ("formant", {"scale": 0.9}),
        ("chorus", {"share": 0.4, "milliseconds": 2.5}),
        ("reverb", {"seconds": 1.2, "share": 0.15}),
    ),
    _preset(
        "robot",
        "One note, from a metal throat.",
        ("monotone", {"hertz": 105.0}),
        ("echo", {"seconds": 0.009, "decay": 0.45}),
        ("ring", {"hertz": 50.0, "share": 0.2}),
    ),
    _preset(
        "alien",
        "Not from here.",
        ("pitch", {"semitones": 4.0}),
        ("formant", {"scale": 1.1}),
        ("ring", {"hertz": 70.0, "share": 0.3}),
        ("phaser", {"hertz": 0.6, "depth": 0.5}),
    ),
    _preset("whisper", "Breath alone.", ("whisper", {"share": 1.0})),
    _preset(
        "ghost",
        "Hardly there.",
        ("whisper", {"share": 0.6}),
        ("tempo", {"factor": 0.92}),
        ("reverb", {"seconds": 2.5, "share": 0.25}),
    ),
    _preset(
        "radio",
        "An old set, a little off the station.",
        ("distortion", {"decibels": 6.0}),
        ("static", {"decibels": 28.0}),
        ("band", {"low_hertz": 250.0, "high_hertz": 4000.0}),
    ),
    _preset(
        "telephone",
        "A good line of the last century.",
        ("band", {"low_hertz": 300.0, "high_hertz": 3400.0}),
        ("equaliser", {"hertz": 1500.0, "decibels": 3.0, "octaves": 1.5}),
    ),
    _preset(
        "megaphone",
        "Loud, and all in the middle.",
        ("band", {"low_hertz": 400.0, "high_hertz": 4500.0}),
        ("distortion", {"decibels": 14.0}),
        ("equaliser", {"hertz": 1800.0, "decibels": 6.0, "octaves": 1.0}),
    ),
    _preset("echo", "Comes back twice.", ("echo", {"seconds": 0.28, "decay": 0.2})),
    _preset(
        "cave",
        "A large hollow in stone.",
        ("reverb", {"seconds": 2.2, "share": 0.22}),
        ("echo", {"seconds": 0.19, "decay": 0.2}),
    ),
    _preset("cathedral", "Far away under a high roof.", ("reverb", {"seconds": 4.5, "share": 0.25})),
    _preset(
        "stadium",
        "Loudspeakers all around.",
        ("band", {"low_hertz": 150.0, "high_hertz": 6000.0}),
        ("echo", {"seconds": 0.33, "decay": 0.25}),
        ("reverb", {"seconds": 1.8, "share": 0.15}),
    ),
    _preset(
        "underwater",
        "Dull and swaying.",
        ("band", {"low_hertz": 60.0, "high_hertz": 1600.0}),
        ("vibrato", {"hertz": 3.0, "depth": 0.2}),
        ("chorus", {"share": 0.4, "milliseconds": 3.0}),
    ),
    _preset(
        "arcade",
        "Four bits too few.",
        ("band", {"low_hertz": 200.0, "high_hertz": 5000.0}),
        ("crush", {"bits": 6.0, "samples": 2.0}),
    ),
)
