"""The components that request handlers use. Built in `wiring.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from services.chassis.bus.protocol import Bus
from services.chassis.storage import ObjectStore
from services.gateway.assets.admission import UploadAdmission
from services.gateway.assets.probing.prober import Prober
from services.gateway.avatars.inspector import PortraitInspector
from services.gateway.db.pool import Pool
from services.gateway.engines.catalogue import Catalogue
from services.gateway.jobs.components import JobComponents
from services.gateway.settings import GatewaySettings
from services.gateway.speech.admission import SpeechSlots
from services.gateway.speech.client import SpeechClient
from services.gateway.speech.conversion_client import ConversionClient
from services.gateway.voices.preview_cache import PreviewCache


@dataclass(frozen=True, slots=True)
class Components:
    """Settings, connections and clients of a running gateway."""

    settings: GatewaySettings
    pool: Pool
    bus: Bus
    store: ObjectStore
    jobs: JobComponents
    prober: Prober
    admission: UploadAdmission
    catalogue: Catalogue
    speech: SpeechClient
    speech_slots: SpeechSlots
    transcription_slots: SpeechSlots
    conversion: ConversionClient
    previews: PreviewCache
    portraits: PortraitInspector
    clock: Callable[[], datetime]


def components_of(request: Request) -> Components:
    return request.app.state.components


Wired = Annotated[Components, Depends(components_of)]
