"""Versions of the scoring model: matching.model and the frequencies of the spine it was trained on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from exchange.errors import ExchangeError
from exchange.matching.recipe import recipe
from exchange.matching.results import ModelStatus
from exchange.matching.review import CLAIMS
from exchange.matching.session import Session, open_session
from exchange.matching.spine import spine_size
from exchange.settings import Settings

if TYPE_CHECKING:
    from exchange.matching.model import Model

SEED = 1
# a state's spine may grow or shrink by this before frequencies and priors are too far off
MOST_SPINE_CHANGE = 0.25
# with fewer labels the shipped defaults weigh more than what was learnt
FEW_LABELS = 500
# a handful more labels is no reason to score everybody again
LEAST_NEW_LABELS = 50
_KEPT_VERSIONS = 3


def ensure_model(settings: Settings, *, retrain: bool = False) -> ModelStatus:
    """The model for the next run; trained now if there is a reason to, or `retrain`. After both syncs.

    Reasons: there is none, the code is another, a state's voters changed by more than a quarter, or it was learnt
    from few labels and now there are twice as many. A new version scores everybody again. The same data gives the
    same model, and then no new version.
    """
    with open_session(settings) as session:
        last = _last_row(session)
        claims, spine = _claims(session), spine_size(session)
        reason = "asked for" if retrain else reason_to_train(last, spine, claims)
        if reason is None:
            assert last is not None, "without a model there is a reason"
            return _status(last, is_new=False)
        if retrain and not spine:
            raise ExchangeError("There are no voters to learn from.", remedy="`exchange refresh` takes voter files.")
        return _train(session, last, reason, spine, claims)


def current_version(session: Session) -> int:
    """The version that scores. Raises ExchangeError if there is none of this code."""
    last = _last_row(session)
    if last is None or last["recipe"] != recipe():
        raise ExchangeError(
            "There is no model to match with."
            if last is None
            else "The model was made by another version of the code.",
            remedy="`exchange match train` makes one; `exchange refresh` does that by itself.",
        )
    return int(last["version"])


def load(session: Session, version: int) -> Model:
    """The model of a version."""
    from exchange.matching.model import Model

    row = session.conn.execute("select model from matching.model where version = %s", [version]).fetchone()
    assert row is not None, "the version was read in this session"
    return Model.from_json(row[0])


def reason_to_train(last: dict[str, Any] | None, spine: dict[str, int], claims: int) -> str | None:
    """Why a model is needed; None while the last one will do. last: a row of matching.model."""
    if last is None:
        return "there was no model"
    if last["recipe"] != recipe():
        return "the code that standardises and scores is another"
    for state in sorted({*spine, *last["spine"]}):
        before, now = last["spine"].get(state, 0), spine.get(state, 0)
        if abs(now - before) > MOST_SPINE_CHANGE * max(before, 1):
            return f"{state} had {before:,} voters and has {now:,}"
    if last["labels"] < FEW_LABELS and claims >= max(2 * last["claims"], last["claims"] + LEAST_NEW_LABELS):
        return f"{last['claims']:,} identities had an id and {claims:,} have one"
    return None


def _train(
    session: Session, last: dict[str, Any] | None, reason: str, spine: dict[str, int], claims: int
) -> ModelStatus:
    # these import Splink
    from exchange.matching import training

    version = 1 if last is None else last["version"] + 1
    model, frequency_digest = training.train_on_store(session, version, SEED)
    if last is not None and last["recipe"] == recipe() and last["frequency_digest"] == frequency_digest:
        before = load(session, last["version"])
        if replace(model, version=before.version).to_json() == before.to_json():
            return _status(last, is_new=False)
    with session.conn.transaction(), session.conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "insert into matching.model (version, recipe, seed, labels, claims, spine, frequency_digest, model, reason)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning *",
            (
                version,
                recipe(),
                SEED,
                model.labels,
                claims,
                Jsonb(spine),
                frequency_digest,
                model.to_json(),
                reason,
            ),
        ).fetchone()
        training.write_frequencies(session, version)
        cursor.execute("delete from matching.frequency where version <= %s", [version - _KEPT_VERSIONS])
        cursor.execute("delete from matching.model where version <= %s", [version - _KEPT_VERSIONS])
    session.conn.execute("vacuum (analyze) matching.frequency")
    assert row is not None, "an insert returns its row"
    return _status(row, is_new=True)


def _last_row(session: Session) -> dict[str, Any] | None:
    with session.conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select version, recipe, seed, labels, claims, spine, frequency_digest, reason"
            " from matching.model order by version desc limit 1"
        ).fetchone()


def _claims(session: Session) -> int:
    row = session.conn.execute(sql.SQL("select count(*) from ({}) as claims").format(sql.SQL(CLAIMS))).fetchone()
    return int(row[0]) if row else 0


def _status(row: dict[str, Any], *, is_new: bool) -> ModelStatus:
    return ModelStatus(
        version=row["version"],
        is_new=is_new,
        reason=row["reason"],
        labels=row["labels"],
        seed=row["seed"],
        spine=row["spine"],
    )
