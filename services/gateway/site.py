"""The dashboard: a built single page app below `/app/`, and the way there."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from shared.contracts.errors import ErrorCode, Refusal

router = APIRouter(include_in_schema=False)

_CSP: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'"
)
_NOT_BUILT: Final = "<!doctype html><title>Open Ecosystem</title><p>The dashboard is not built. The API: <a href='/docs'>/docs</a>"


@router.get("/")
async def root(request: Request) -> RedirectResponse:
    folder: Path = request.app.state.runtime.settings.dashboard_dir
    return RedirectResponse("/app/" if (folder / "index.html").is_file() else "/docs")


@router.get("/app/{path:path}")
async def app(request: Request, path: str) -> Response:
    """The file, or the app's page where the path names a page of the app. Raises `not_found` for a missing file."""
    folder: Path = request.app.state.runtime.settings.dashboard_dir.resolve()
    index = folder / "index.html"
    if not index.is_file():
        return HTMLResponse(_NOT_BUILT)
    wanted = (folder / path).resolve()
    if path and wanted.is_file() and wanted.is_relative_to(folder):
        cache = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        return _file(request, wanted, {"Cache-Control": cache, "X-Content-Type-Options": "nosniff"})
    if "." in path.rsplit("/", 1)[-1]:
        raise Refusal(ErrorCode.NOT_FOUND)
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _CSP, "X-Content-Type-Options": "nosniff"}
    return FileResponse(index, headers=headers)


def _file(request: Request, wanted: Path, headers: dict[str, str]) -> FileResponse:
    """The file's compressed twin where the build made one and the client takes it."""
    twin = wanted.with_name(f"{wanted.name}.gz")
    if not twin.is_file():
        return FileResponse(wanted, headers=headers)
    headers |= {"Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(wanted, headers=headers)
    return FileResponse(twin, headers=headers | {"Content-Encoding": "gzip"}, media_type=guess_type(wanted.name)[0])
