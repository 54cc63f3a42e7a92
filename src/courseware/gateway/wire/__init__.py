"""Wire formats: one module for each endpoint family of a provider, all over `courseware.gateway.exchange`."""
