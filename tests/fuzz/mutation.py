"""Changes files as transmission faults and attackers do."""

import struct
from collections.abc import Callable, Sequence
from random import Random

ODD_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)
ODD_WORDS = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0, 60_000_000)
HEAD_BYTES = 200
"""Headers, which decide about memory and time, stand here more often than elsewhere."""
MAX_BYTES = 2_000_000


def mutated(random: Random, files: Sequence[bytes]) -> bytes:
    """Returns one of the files with one to eight changes."""
    data = bytearray(random.choice(files))
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        if data:
            random.choice(CHANGES)(random, data, files)
    return bytes(data[:MAX_BYTES])


def place(random: Random, data: bytearray) -> int:
    end = min(len(data), HEAD_BYTES) if random.random() < 0.6 else len(data)
    return random.randrange(end)


def flip_a_bit(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    data[place(random, data)] ^= 1 << random.randrange(8)


def set_a_byte(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    data[place(random, data)] = random.choice(ODD_BYTES)


def set_a_number(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    where = place(random, data)
    form = random.choice(("<I", ">I", "<H", ">H", ">Q"))
    number = random.choice(ODD_WORDS) & (0xFFFF if form[1] == "H" else 0xFFFFFFFF)
    data[where : where + struct.calcsize(form)] = struct.pack(form, number)


def cut_off(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    del data[random.randrange(len(data)) :]


def remove_a_part(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    where = place(random, data)
    del data[where : where + random.choice((1, 2, 4, 16, 100))]


def repeat_a_part(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    where = place(random, data)
    part = data[where : where + random.choice((1, 4, 8, 100, 1000))]
    data[where:where] = part * random.choice((1, 2, 10, 500))


def put_noise(random: Random, data: bytearray, _files: Sequence[bytes]) -> None:
    where = place(random, data)
    data[where : where + 8] = random.randbytes(random.choice((1, 8, 64)))


def put_another_file(random: Random, data: bytearray, files: Sequence[bytes]) -> None:
    other = random.choice(files)
    where = random.choice((0, len(data), place(random, data)))
    data[where:where] = other[: random.randrange(len(other)) + 1]


CHANGES: Sequence[Callable[[Random, bytearray, Sequence[bytes]], None]] = (
    flip_a_bit,
    flip_a_bit,
    set_a_byte,
    set_a_byte,
    set_a_number,
    set_a_number,
    set_a_number,
    cut_off,
    remove_a_part,
    repeat_a_part,
    put_noise,
    put_another_file,
)
