"""`/docs`: the description of the API, in which requests can be tried out."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter()
PAGE = files(__package__ or "").joinpath("docs.html").read_text()


@router.get("/docs", include_in_schema=False)
async def get_docs() -> HTMLResponse:
    return HTMLResponse(PAGE)
