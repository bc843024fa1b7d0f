from django.http import HttpRequest
from ninja import Router

router = Router()


@router.get("/forgotten")
def forgotten(request: HttpRequest) -> str:
    """Would tell a secret if it were ever served."""
    return "secret"
