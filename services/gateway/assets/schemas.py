"""Request and response models of `/v1/assets`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.assets.repository import Asset


class AssetObject(BaseModel):
    id: str
    object: Literal["asset"] = "asset"
    kind: Literal["image", "audio", "video"]
    filename: str
    media_type: str
    bytes: int
    sha256: str
    width: int | None
    height: int | None
    seconds: float | None
    created_at: int

    @classmethod
    def of(cls, asset: Asset) -> "AssetObject":
        return cls(
            id=asset.id,
            kind=asset.media.kind,
            filename=asset.filename,
            media_type=asset.artifact.media_type,
            bytes=asset.artifact.size_bytes,
            sha256=asset.artifact.sha256,
            width=asset.media.width,
            height=asset.media.height,
            seconds=asset.media.duration_seconds,
            created_at=int(asset.created_at.timestamp()),
        )


class AssetList(BaseModel):
    object: Literal["list"] = "list"
    data: list[AssetObject]
    has_more: bool


class Deleted(BaseModel):
    id: str
    object: str
    deleted: Literal[True] = True


class UploadRequest(BaseModel):
    """A large file that will be sent straight to the object store."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"filename": "portrait.png", "bytes": 482113},
                {"filename": "interview.wav", "media_type": "audio/wav", "bytes": 104857600},
            ]
        }
    )

    filename: str = Field(
        min_length=1, max_length=200, description="The name of the file; its content decides what it is."
    )
    media_type: str = Field(
        default="application/octet-stream",
        max_length=100,
        description="The `Content-Type` with which the file will be sent.",
    )
    bytes: int = Field(gt=0, description="The size of the file that will be sent.")


class UploadObject(BaseModel):
    """Send the file to `url` with `method` and `headers`, then POST `/v1/assets/uploads/{id}/complete`."""

    id: str
    object: Literal["upload"] = "upload"
    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]
    expires_at: int
