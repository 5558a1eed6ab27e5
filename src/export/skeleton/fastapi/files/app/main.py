"""The program: uvicorn app.main:app."""

from app.application import create_app
from app.design import DESIGN
from app.routes import router
from app.settings import read_or_exit

app = create_app(DESIGN, read_or_exit(DESIGN), router)
