"""Names of other providers' voices and models, so that their clients work as they are."""

from collections.abc import Mapping, Sequence

HEART = "heart"
VOICES: Mapping[str, Sequence[str]] = {
    # OpenAI
    "alloy": ("af_alloy", HEART),
    "ash": ("am_eric", HEART),
    "ballad": ("bm_fable", HEART),
    "cedar": ("am_michael", HEART),
    "coral": ("af_bella", HEART),
    "echo": ("am_echo", HEART),
    "fable": ("bm_fable", HEART),
    "marin": (HEART,),
    "nova": ("af_nova", HEART),
    "onyx": ("am_onyx", HEART),
    "sage": ("af_sarah", HEART),
    "shimmer": ("af_sky", HEART),
    "verse": ("am_puck", HEART),
    # ElevenLabs, by name and by id
    "adam": ("am_adam", HEART),
    "pninz6obpgdqgcfmajgb": ("am_adam", HEART),
    "alice": ("bf_alice", HEART),
    "xb7hh8msujpsbsdyk0k2": ("bf_alice", HEART),
    "bella": ("af_bella", HEART),
    "charlie": ("am_michael", HEART),
    "ikne3meq5asn9xlyudcd": ("am_michael", HEART),
    "daniel": ("bm_daniel", HEART),
    "onwk4e9zlutakqww03f9": ("bm_daniel", HEART),
    "george": ("bm_george", HEART),
    "jbfqncbsd6rmkjvdrzzb": ("bm_george", HEART),
    "jessica": ("af_jessica", HEART),
    "cgsgspj2msm6clmckdw9": ("af_jessica", HEART),
    "liam": ("am_liam", HEART),
    "tx3lpaxmhkxfdv7voqhj": ("am_liam", HEART),
    "lily": ("bf_lily", HEART),
    "pfzp5jqg7iqjiquc4bku": ("bf_lily", HEART),
    "rachel": (HEART,),
    "21m00tcm4tlvdq8ikwam": (HEART,),
    "sarah": ("af_sarah", HEART),
    "exavitqu4vr4xnsdxmal": ("af_sarah", HEART),
}
"""Voices by the names of others' in lower case, the nearest first: the first one that is there speaks."""
MODELS = frozenset(
    {
        *("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"),
        *("eleven_multilingual_v2", "eleven_multilingual_v1", "eleven_monolingual_v1", "eleven_v3"),
        *("eleven_turbo_v2", "eleven_turbo_v2_5", "eleven_flash_v2", "eleven_flash_v2_5"),
    }
)
"""Names of others' models that leave the choice of the engine to the voice."""
