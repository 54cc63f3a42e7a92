"""What answers on this machine: text from GGUF weights through llama.cpp, vectors from a sentence transformer.

Each model runs in a child process that ends with this one. Weights come from the store; nothing is downloaded here.
"""

from __future__ import annotations

from courseware.gateway.engine.embedder import Embedder, Embedding
from courseware.gateway.engine.local import LocalEngine

__all__ = ["Embedder", "Embedding", "LocalEngine"]
