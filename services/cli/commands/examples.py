"""Lists the examples that end each command's help."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "": (
        'likeness render --script "Hello." --image portrait.jpg -o hello.mp4',
        "likeness list --status failed",
        "likeness up --detach",
    ),
    "demo": ("likeness demo", "likeness demo -o demo.mp4"),
    "render": (
        'likeness render --script "Hello." --image portrait.jpg -o hello.mp4',
        'likeness render --script "Hello again." --image portrait.jpg --dry-run',
        "likeness render --script-file script.txt --avatar avatar_… --voice en-gb --metadata campaign=spring",
        'likeness render --audio me.wav --transcript "What I say in it." --image portrait.jpg',
        'likeness render --script "Hi!" --image portrait.jpg --format vp9-alpha -o hi.webm',
        'likeness render --script "Hi!" --image portrait.jpg -o - | ffplay -',
    ),
    "speak": (
        'likeness speak "[happy] It works!" -o out.mp3',
        'likeness speak "Over and out." --effect radio -o out.wav',
        "likeness speak - --format mp3 -o - < script.txt > out.mp3",
    ),
    "keys": ("likeness keys", "likeness keys --workspace acme --json"),
    "keys create": ("likeness keys create acme --name ci",),
    "keys revoke": ("likeness keys revoke key_…",),
    "workspaces": ("likeness workspaces",),
    "workspaces create": ('likeness workspaces create acme --name "Acme Ltd."',),
    "workspaces delete": ("likeness workspaces delete acme --yes",),
    "list": (
        "likeness list",
        "likeness list --status failed --kind video",
        "likeness list --metadata campaign=spring --limit 200 --json",
    ),
    "show": ("likeness show video_…", "likeness show audio_… --json"),
    "watch": ("likeness watch video_…", "likeness watch batch_… --json"),
    "download": (
        "likeness download video_…",
        "likeness download video_… -o hello.mp4",
        "likeness download video_… --variant thumbnail -o hello.jpg",
    ),
    "cancel": ("likeness cancel video_… audio_…", "likeness cancel batch_…"),
    "retry": ("likeness retry video_…",),
    "delete": ("likeness delete video_… audio_…", "likeness delete --force video_…"),
    "batch": (
        "likeness batch lines.jsonl",
        "likeness batch lines.jsonl --wait",
        "likeness batch lines.jsonl --results results.jsonl",
        """likeness batch - --json < lines.jsonl""",
    ),
    "batches": ("likeness batches", "likeness batches show batch_…", "likeness batches results batch_…"),
    "batches show": ("likeness batches show batch_…", "likeness batches show batch_… --json"),
    "batches results": (
        "likeness batches results batch_…",
        "likeness batches results batch_… -o results.jsonl",
    ),
    "avatars": ("likeness avatars", "likeness avatars create portrait.jpg --name Anna"),
    "avatars create": (
        "likeness avatars create portrait.jpg --name Anna",
        "likeness avatars create group.jpg --face 1",
        "likeness avatars create cat.png --landmarks cat.json",
    ),
    "avatars show": ("likeness avatars show avatar_…",),
    "avatars delete": ("likeness avatars delete avatar_…",),
    "voices": ("likeness voices", "likeness voices --language pt-BR", "likeness voices --preview heart"),
    "voices create": (
        'likeness voices create me.wav --name Me --consent "This is my own voice."',
        'likeness voices create one.wav two.wav --name Anna --consent "Anna Berg agreed in May."',
    ),
    "voices delete": ("likeness voices delete voice_…",),
    "engines": ("likeness engines", "likeness engines --json"),
    "models": ("likeness models list", "likeness models pull kokoro"),
    "models list": ("likeness models list", "likeness models list --json"),
    "models show": ("likeness models show kokoro",),
    "models pull": (
        "likeness models pull kokoro speaker-encoder whisper-tiny-en",
        "likeness models pull kokoro --from archives",
    ),
    "models verify": ("likeness models verify", "likeness models verify kokoro"),
    "models rm": ("likeness models rm kokoro",),
    "effects": ("likeness effects", "likeness effects add old-radio radio pitch:semitones=-2"),
    "effects add": (
        "likeness effects add old-radio radio pitch:semitones=-2",
        'likeness effects add far-away cave --description "From the end of a cave."',
    ),
    "effects remove": ("likeness effects remove old-radio",),
    "lexicon": ("likeness lexicon", 'likeness lexicon add SQL --respelling "see quill"'),
    "lexicon add": (
        'likeness lexicon add SQL --respelling "see quill"',
        "likeness lexicon add GIF --ipa dʒɪf",
    ),
    "lexicon remove": ("likeness lexicon remove SQL",),
    "up": ("likeness up", "likeness up --detach --port 8080"),
    "status": ("likeness status", "likeness status --json"),
    "down": ("likeness down",),
    "doctor": ("likeness doctor",),
}
"""Examples by the command's name; that of a subcommand has its group's before it."""
