"""A stand-in for Apache Polaris, which is not to be had from package registries.

For tests, and to try floe with. It keeps all but metadata files in memory, and answers as Polaris
1.7 was seen to: the management API, tokens, and the catalog API with its roles, grants, error
bodies and traps. tests/servers/polaris/ compares it with what a real server answered.

It refuses what it does not have: external catalogs, storages other than FILE and S3, privileges of
policies, semantic models and single changes of tables. Keys to S3 that it vends open nothing.
"""

from polaris_stand_in.entities import Settings
from polaris_stand_in.server import StandIn, polaris_stand_in

__all__ = ["Settings", "StandIn", "polaris_stand_in"]
