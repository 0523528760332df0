"""Draws banners as SVG."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from likeness.engine import EngineLimits, EngineSpec, InvalidArgument
from toy_banner.engines.protocol import Banner

MAX_CHARACTERS = 80
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="80">'
    '<rect width="640" height="80" fill="{colour}"/>'
    '<text x="320" y="50" text-anchor="middle" font-size="32">{text}</text></svg>'
)


class SvgEngine:
    spec = EngineSpec(
        service="banner", name="svg", version="1", limits=EngineLimits(max_characters=MAX_CHARACTERS)
    )

    def open(self) -> None:
        """Has nothing to load."""

    def close(self) -> None:
        """Has nothing to release."""

    def draw(self, request: Banner) -> Iterator[Path]:
        if len(request.text) > MAX_CHARACTERS:
            raise InvalidArgument(f"A banner has room for {MAX_CHARACTERS} characters. Shorten the text.")
        request.output.write_text(PICTURE.format(colour=request.colour, text=escape(request.text)))
        yield request.output
