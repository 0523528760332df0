"""Bodies that are deep, contradictory or not what they say: refused, and nothing of them is left."""

import json
from collections.abc import Mapping, Sequence

from tests.examples import READER
from tests.hostile.attack import MARKER, Attack, Target
from tests.hostile.bodies import JSON, JSON_LINES, MEBIBYTE, form, line

KIND = "bodies"
SCRIPT = json.dumps({"script": MARKER})
DEEP = 100_000
FILE = 'name="audio"; filename="refused.wav"'
WAV = READER.read_bytes()
Body = tuple[str, bytes, Mapping[str, str], tuple[int, ...]]
"""Path, body, headers, and the statuses that it deserves."""

REFUSED_JSON: Mapping[str, bytes] = {
    "nothing": b"",
    "half of it": SCRIPT[:-3].encode(),
    "two of it": (SCRIPT * 2).encode(),
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep lists that end": b"[" * 9_000 + b"]" * 9_000,
    "an integer of a million digits": b'{"speed":' + b"9" * MEBIBYTE + b"}",
    "a negative integer of a million digits": b'{"speed":-' + b"9" * MEBIBYTE + b"}",
    "an exponent of a million digits": b'{"speed":1e' + b"9" * MEBIBYTE + b"}",
    "a number in a text of a million digits": b'{"speed":"' + b"9" * MEBIBYTE + b'"}',
    "not a number": b'{"script":"a","speed":NaN}',
    "infinity": b'{"script":"a","speed":Infinity}',
    "half of a surrogate pair": rb'{"script":"\ud800"}',
    "a NUL": rb'{"script":"a\u0000b"}',
    "no UTF-8": b'{"script":"\xff\xfe"}',
    "UTF-16": SCRIPT.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + SCRIPT.encode(),
    "a list": f"[{SCRIPT}]".encode(),
    "a text": b'"a"',
    "null": b"null",
    "an unknown field": json.dumps({"script": MARKER, "prototype": {}}).encode(),
    "an empty name": json.dumps({"script": MARKER, "": 1}).encode(),
    "a long name": json.dumps({"script": MARKER, "k" * MEBIBYTE: 1}).encode(),
    "scenes that are none": b'{"scenes":[null,true,1,"a",[]]}',
    "no scenes": b'{"scenes":[]}',
}


def refused_json(path: str, data: bytes) -> Body:
    return path, data, JSON, (400, 422)


def forms() -> Mapping[str, Body]:
    """Returns forms by their names."""
    script = ('name="script"', MARKER.encode())
    cases: Mapping[str, tuple[Sequence[tuple[str, bytes]], str, tuple[int, ...]]] = {
        "charset punycode": (
            [('name="script"', b"a" * 90_000 + b"-" + b"b" * 90_000)],
            "; charset=punycode",
            (415,),
        ),
        "charset idna": ([script], "; charset=idna", (415,)),
        "charset undefined": ([script], "; charset=undefined", (415,)),
        "charset utf-7": ([script], "; charset=utf-7", (415,)),
        "charset of quotes": ([script], '; charset="\\""', (415,)),
        "a field twice": ([script, script], "", (422,)),
        "a whole and its parts": ([('name="output"', b"{}"), ('name="output[format]"', b"mp3")], "", (422,)),
        "a part of a text": ([script, ('name="script[a]"', b"b")], "", (422,)),
        "100 fields": ([(f'name="f{number}"', b"a") for number in range(100)], "", (400,)),
        "100 files": ([(f'name="f{number}"; filename="a"', b"a") for number in range(100)], "", (400,)),
        "a field of 2 MiB": ([('name="script"', b"a" * 2 * MEBIBYTE)], "", (400,)),
        "a file as script": ([('name="script"; filename="a"', b"a")], "", (422,)),
        "a part without a name": ([("filename=a", b"a")], "", (400,)),
        "a long file name": ([script, (f'name="audio"; filename="{"a" * 3000}"', b"a")], "", (400, 415, 422)),
        "a name of a path": ([script, ('name="audio"; filename="../../refused.wav"', b"a")], "", (415, 422)),
        "a header of 1 MiB": ([(f'name="{"a" * MEBIBYTE}"', b"a")], "", (400,)),
        "JSON that is none": ([('name="scenes"', b"[{")], "", (400,)),
        "deep JSON": ([('name="scenes"', b"[" * 90_000)], "", (400, 422)),
        "JSON of lists": ([('name="scenes"', b"[" + b"[]," * 90_000 + b"[]]")], "", (422,)),
        "a NUL": ([('name="script"', b"a\0b")], "", (422,)),
        "no UTF-8": ([('name="voice"', b"\xff\xfe"), script], "", (422,)),
    }
    built = {name: (form(parts, kind), statuses) for name, (parts, kind, statuses) in cases.items()}
    return {
        name: ("/v1/audio/jobs", data, headers, statuses)
        for name, ((data, headers), statuses) in built.items()
    }


BROKEN_FORMS: Mapping[str, Body] = {
    "no boundary": ("/v1/audio/jobs", b"--x\r\n", {"Content-Type": "multipart/form-data"}, (400,)),
    "a long boundary": (
        "/v1/audio/jobs",
        b"--x\r\n",
        {"Content-Type": f"multipart/form-data; boundary={'y' * 300}"},
        (400,),
    ),
    "another boundary": (
        "/v1/audio/jobs",
        form([('name="script"', b"a")])[0],
        {"Content-Type": "multipart/form-data; boundary=y"},
        (400,),
    ),
    "no end": (
        "/v1/audio/jobs",
        form([('name="script"', b"a")])[0][:-10],
        form([])[1],
        (400, 422),
    ),
    "many fields of a simple form": (
        "/v1/assets",
        b"a=%41&" * 100_000,
        {"Content-Type": "application/x-www-form-urlencoded"},
        (400,),
    ),
    "XML": ("/v1/audio/jobs", b"<script/>", {"Content-Type": "application/xml"}, (415,)),
    "a batch of XML": ("/v1/batches", b"<script/>", {"Content-Type": "text/xml"}, (415,)),
    "a batch without a file": ("/v1/batches", *form([('name="a"', b"b")]), (422,)),
    "a batch of half a line": ("/v1/batches", line({"script": "a"})[:-4].encode(), JSON_LINES, (422,)),
    "a batch of UTF-16": ("/v1/batches", line({"script": "a"}).encode("utf-16"), JSON_LINES, (422,)),
    "a batch of deep lines": ("/v1/batches", b"\n".join([b"[" * 9_000] * 100), JSON_LINES, (422,)),
}


async def send(target: Target, body: Body) -> None:
    path, data, headers, statuses = body
    response = await target.http.post(path, content=data, headers=headers)
    assert response.status_code in statuses, (response.status_code, response.text[:300])
    assert len(response.content) < 50_000, f"the answer has {len(response.content)} bytes"


def sending(name: str, body: Body) -> Attack:
    return Attack(KIND, name, lambda target: send(target, body))


async def leave_files_of_refused_forms(target: Target) -> None:
    """Sends files with requests that are refused: none becomes an asset."""
    for wrong in (("speed", b"99"), ("unknown", b"x"), ("script", b"a"), ("effects", b'["nothing"]')):
        data, headers = form([(f'name="{wrong[0]}"', wrong[1]), (FILE, WAV + MARKER.encode())])
        for path in ("/v1/audio/jobs", "/v1/audio/jobs/estimate"):
            response = await target.http.post(path, content=data, headers=headers)
            assert response.status_code in (400, 415, 422), response.text[:300]
    listed = await target.http.get("/v1/assets", params={"limit": 100})
    left = [each["id"] for each in listed.json()["data"] if each["filename"] == "refused.wav"]
    assert not left, f"{len(left)} assets of refused requests are left"


ATTACKS: Sequence[Attack] = (
    *(sending(f"job: {name}", refused_json("/v1/audio/jobs", data)) for name, data in REFUSED_JSON.items()),
    *(
        sending(f"speech: {name}", speech)
        for name, speech in (
            (name, refused_json("/v1/audio/speech", data))
            for name, data in REFUSED_JSON.items()
            if name not in ("an unknown field", "a byte order mark")
        )
    ),
    *(sending(f"form: {name}", body) for name, body in forms().items()),
    *(sending(f"broken: {name}", body) for name, body in BROKEN_FORMS.items()),
    Attack(KIND, "files of refused forms", leave_files_of_refused_forms),
)
