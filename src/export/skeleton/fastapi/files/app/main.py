"""The program: uvicorn app.main:app."""

import os

from app.application import create_app
from app.design import DESIGN
from app.routes import router
from app.settings import Settings

app = create_app(DESIGN, Settings.read(DESIGN, os.environ), router)
