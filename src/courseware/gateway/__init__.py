"""The gateway: answers the real SDKs from recordings, scenarios or a local model, and always says which."""
