"""The registry: who takes part, what they deliver, what answers mean, who may see what."""

from exchange.registry.loading import Registry, RegistryError, load_registry
from exchange.registry.rows import (
    AnswerMapping,
    Candidate,
    Contest,
    Feed,
    GiveToGet,
    Partner,
    PartnerGroup,
    SharingRule,
)
from exchange.registry.vocabulary import (
    Answer,
    Channel,
    ChannelCode,
    ContactResult,
    County,
    IdNamespace,
    Question,
    ResultCode,
    State,
    Tool,
)

__all__ = [
    "Answer",
    "AnswerMapping",
    "Candidate",
    "Channel",
    "ChannelCode",
    "ContactResult",
    "Contest",
    "County",
    "Feed",
    "GiveToGet",
    "IdNamespace",
    "Partner",
    "PartnerGroup",
    "Question",
    "Registry",
    "RegistryError",
    "ResultCode",
    "SharingRule",
    "State",
    "Tool",
    "load_registry",
]
