"""What gunicorn serves and ``flask`` finds. Mail is looked after by gunicorn's workers: see gunicorn.conf.py."""

from psa import create_app

app = create_app()
