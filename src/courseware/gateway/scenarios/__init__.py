"""Scenarios: scripts that answer by the state of the conversation, and nothing else."""

from courseware.gateway.scenarios.scenario import Scenario, ScenarioError
from courseware.gateway.scenarios.state import State

__all__ = ["Scenario", "ScenarioError", "State"]
