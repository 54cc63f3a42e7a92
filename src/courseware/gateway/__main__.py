"""`python -m courseware.gateway`: what `ensure` starts."""

from courseware.gateway.serving import serve

serve()
