"""Weights of single pairs: what makes one voter likelier than another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.matching import scoring
from exchange.matching.frequencies import count_frequencies
from exchange.matching.model import train
from exchange.matching.outcomes import SCORE_COLUMNS, summarize, top_candidates
from exchange.matching.scoring import score_pairs
from exchange.matching.standard import standardize
from exchange.matching.workbench import open_workbench
from tests.matching_persons import Person, put_persons

# 400 voters: one in four is a Smith, the others have surnames of their own
SPINE = [
    {
        "id": n, "state": "NC" if n <= 300 else "PA", "first_name": ("Ann", "Bob", "Carla", "Dan", "Eve")[n % 5],
        "last_name": "Smith" if n % 4 == 0 else f"Name{'abcdefghij'[n // 10 % 10]}{'klmnopqrst'[n % 10]}x",
        "birth_date": f"{1940 + n % 60}-{n % 12 + 1:02d}-{n % 27 + 2:02d}", "zip": f"276{n % 20:02d}",
        "address": f"{n} Oak St",
    }
    for n in range(1, 401)
]  # fmt: skip


def workbench(voters: Sequence[Person], people: Sequence[Person]) -> Any:
    """Tables voters (SPINE and these), identities, pairs (all with `voters`), weights."""
    con = open_workbench()
    for side, persons in (("voters", [*SPINE, *voters]), ("identities", people)):
        put_persons(con, "raw", persons)
        standardize(con, "raw", side)
    count_frequencies(con, f"(select * from voters where id <= {len(SPINE)})", "frequencies")
    con.execute("create table labels (identity_id bigint, voter_id bigint)")
    model = train(
        con, voters="voters", identities="identities", labels="labels", frequencies="frequencies", version=1, seed=1
    )
    con.execute(f"""
        create table pairs as select i.id as identity_id, v.id as voter_id
        from identities as i, voters as v where v.id > {len(SPINE)}
    """)
    score_pairs(
        con, model, identities="identities", voters="voters", pairs="pairs", frequencies="frequencies", into="weights"
    )
    return con


def weights(*pairs: tuple[Person, Person]) -> list[float]:
    """Weights of pairs of a contact and a voter of NC; -99 where the pair was not worth keeping."""
    con = workbench(
        [{"state": "NC", **voter, "id": 1001 + n} for n, (_, voter) in enumerate(pairs)],
        [{"state": "NC", **person, "id": 1001 + n} for n, (person, _) in enumerate(pairs)],
    )
    found = dict(con.execute("select identity_id, weight from weights where identity_id = voter_id").fetchall())
    return [found.get(1001 + n, -99.0) for n in range(len(pairs))]


ANN = {"first_name": "Ann", "last_name": "Zyskowski", "birth_date": "1970-05-06"}


def test_a_rare_surname_says_more_than_a_common_one() -> None:
    """Term frequencies are the spine's; a name the spine has never had is the rarest, not an average one."""
    common, one_owner = {**ANN, "last_name": "Smith"}, {**ANN, "last_name": "Nameakx"}
    unseen, rare, many = weights((ANN, ANN), (one_owner, one_owner), (common, common))
    assert unseen >= rare > many + 4


def test_another_first_name_is_another_person_of_the_house() -> None:
    """Wife and husband share everything but the name; names one person may go by are no other names."""
    home = {"address": "5 Elm St", "zip": "27601", "phones": "9195550101", "emails": "z@x.org", "last_name": "Zysk"}
    ann, bob = {**home, "first_name": "Ann"}, {**home, "first_name": "Robert", "middle_name": "James"}
    same, other, nickname, initial, middle, slip = weights(
        (ann, ann), (ann, bob), ({**home, "first_name": "Bob"}, bob), ({**home, "first_name": "R."}, bob),
        ({**home, "first_name": "James"}, bob), ({**home, "first_name": "Robret"}, bob),
    )  # fmt: skip
    assert same > 25
    assert other <= -1
    assert min(nickname, initial, middle, slip) > 10


def test_another_first_name_on_the_birth_date_is_a_twin_until_labels_say_otherwise() -> None:
    """At most 2 : 1 for the voter, below the fixed threshold, however much the two share."""
    home = {"address": "5 Elm St", "zip": "27601", "phones": "9195550101", "emails": "z@x.org"}
    (twin,) = weights(({**home, **ANN, "first_name": "Luz"}, {**home, **ANN}))
    assert twin <= 1.0


def test_suffix_and_middle_initial_speak_against() -> None:
    john = {"first_name": "John", "last_name": "Zyskowski", "address": "5 Elm St", "zip": "27601"}
    plain, suffix, initial, same = weights(
        (john, john),
        ({**john, "suffix": "Jr"}, {**john, "suffix": "Sr"}),
        ({**john, "middle_name": "A"}, {**john, "middle_name": "B"}),
        ({**john, "middle_name": "A"}, {**john, "middle_name": "Adam"}),
    )
    assert suffix < plain - 8
    assert initial < plain - 5
    assert same > plain


def test_year_only_dates_count_as_years() -> None:
    """A state that tells the year only must not look like one whose dates disagree."""
    year, none = {**ANN, "birth_date": "1970"}, {**ANN, "birth_date": None}
    unknown, same_year, same, other_year = weights(
        (ANN, none), (year, ANN), (ANN, ANN), ({**ANN, "birth_date": "1951"}, ANN)
    )
    assert other_year < unknown < same_year < same


def test_nobody_is_named_by_a_house_or_a_telephone() -> None:
    """Without a given name and without a birth date the weight stays below even odds, however much else agrees."""
    home = {"address": "5 Elm St", "zip": "27601", "phones": "9195550101", "emails": "a@b.org"}
    unnamed, dated = weights(
        ({**home, "last_name": "Zyskowski"}, {**home, **ANN}), ({**home, "birth_date": "1970-05-06"}, {**home, **ANN})
    )
    assert unnamed == -1.0
    assert dated > 10


def test_a_crowded_phone_says_less() -> None:
    """A nursing home's number is shared by forty voters: it may not weigh as much as a family's."""
    ann = {"first_name": "Ann", "phones": "9195550101", "state": "NC"}
    con = workbench([{**ann, "id": 1001}], [{**ann, "id": 1}])
    ((alone,),) = con.execute("select weight from weights").fetchall()
    con.execute("insert into frequencies values ('phone', '9195550101', 40)")
    model = train(
        con, voters="voters", identities="identities", labels="labels", frequencies="frequencies", version=1, seed=1
    )
    score_pairs(
        con, model, identities="identities", voters="voters", pairs="pairs", frequencies="frequencies", into="weights"
    )
    assert con.execute("select weight from weights").fetchall()[0][0] < alone - 4


def test_the_state_decides_the_prior() -> None:
    """The smaller state: fewer who could be meant. Known by birth date and name alone, PA's 100 beat NC's 300."""
    nc = workbench([{**ANN, "state": "NC", "id": 1001}], [{**ANN, "state": "NC", "id": 1}])
    pa = workbench([{**ANN, "state": "PA", "id": 1001}], [{**ANN, "state": "PA", "id": 1}])
    difference = [con.execute("select weight from weights").fetchall()[0][0] for con in (pa, nc)]
    assert 1.4 < difference[0] - difference[1] < 1.7


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from([None, "Ann", "Anna", "Bob"]),
            "last_name": st.sampled_from([None, "Smith", "Zyskowski"]),
            "birth_date": st.sampled_from([None, "1970", "1970-05-06"]),
            "phones": st.sampled_from([None, "9195550101"]),
            "zip": st.sampled_from([None, "27601"]),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=3, deadline=None)
@given(PEOPLE, PEOPLE)
def test_posteriors_of_one_person_never_sum_to_more_than_one(voters: list[Any], people: list[Any]) -> None:
    """They share one certainty, 'nobody' included: whatever is filled, two voters are never both likely."""
    con = workbench(
        [{**voter, "id": 1001 + n, "state": "NC"} for n, voter in enumerate(voters)],
        [{**person, "id": 1 + n, "state": "NC"} for n, person in enumerate(people)],
    )
    con.execute("create table claimed (identity_id bigint, voter_id bigint)")
    summarize(
        con, identities="identities", voters="voters", pairs="pairs", weights="weights", claimed_ids="claimed",
        into="scores",
    )  # fmt: skip
    top_candidates(con, "weights", "top", most=99)
    assert con.execute("select count(*) from scores").fetchall() == [(len(people),)]
    assert [column[0] for column in con.execute("select * from scores limit 0").description] == list(SCORE_COLUMNS)
    sums = con.execute("select identity_id, sum(posterior) from top group by identity_id").fetchall()
    assert all(total <= 1 + 1e-9 for _, total in sums)
    best = con.execute("select posterior, runner_up_posterior from scores where posterior is not null").fetchall()
    assert all(0 <= (second or 0) <= first < 1 and first + (second or 0) <= 1 + 1e-9 for first, second in best)


def test_batches_change_no_weight_and_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory decides how many identities are scored at a time: few must get the same weights as all."""
    voters = [{**ANN, "last_name": f"Zysk{n % 3}", "id": 1001 + n, "state": "NC"} for n in range(9)]
    people = [{**ANN, "last_name": f"Zysk{n % 3}", "id": 1 + n, "state": "NC"} for n in range(7)]
    whole = workbench(voters, people)
    monkeypatch.setattr(scoring, "PAIRS_PER_BATCH", 20)
    parts = workbench(voters, people)
    listed = "select * from weights order by identity_id, voter_id"
    assert parts.execute(listed).fetchall() == whole.execute(listed).fetchall()
    left = {name for (name,) in parts.execute("select table_name from duckdb_tables()").fetchall()}
    assert not {name for name in left if "splink" in name or name.startswith("matching_pairs")}
