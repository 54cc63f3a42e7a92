"""The last tier: a real provider, on the user's request, with the user's own key, under a daily cap."""

from courseware.gateway.provider.settings import Settings, SettingsError
from courseware.gateway.provider.tier import ProviderTier

__all__ = ["ProviderTier", "Settings", "SettingsError"]
