"""What stands between a request and its handler: one middleware a module, the order is here."""

from engine.server.guards.credentials import guard_credentials
from engine.server.guards.envelopes import guard_envelopes
from engine.server.guards.faults import guard_faults
from engine.server.guards.hosts import guard_hosts
from engine.server.guards.origins import guard_origins

GUARDS = (guard_faults, guard_hosts, guard_origins, guard_envelopes, guard_credentials)
"""From the outermost inwards: what fails inside becomes a document, strangers leave first."""
