"""Intake: from delivered files to raw tables. Every record is loaded as text or refused with line, reason and bytes."""

from exchange.intake.feeds import FeedIntake, RefusedFile, take_feed, take_files
from exchange.intake.loading import LoadedFile

__all__ = ["FeedIntake", "LoadedFile", "RefusedFile", "take_feed", "take_files"]
