"""The rules of one registry on one day: which of them can touch a pair of partners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from exchange.registry import GiveToGet, Partner, PartnerGroup, Registry, SharingRule
from exchange.registry.firewall import members
from exchange.rules.giving import GivenAnswers, LimitOnPartner, limits_on
from exchange.rules.judging import Judgement, RowClass, Steps, covers_state, judge, matches, validity_on


@dataclass(frozen=True)
class Ruleset:
    """Who takes part, which rules and limits there are, and what everybody gave. today: the day all is judged at."""

    partners: dict[str, Partner]
    rules: list[SharingRule]
    members: dict[str, set[str]]
    today: date
    limits: list[GiveToGet]
    given: GivenAnswers
    _of_pair: dict[tuple[str, str], list[SharingRule]] = field(default_factory=dict, repr=False)
    _counting: dict[RowClass, set[str]] = field(default_factory=dict, repr=False)
    _steps: dict[tuple[str, ...], Steps] = field(default_factory=dict, repr=False)
    _limits_on: dict[str, list[LimitOnPartner]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, registry: Registry, today: date, given: GivenAnswers) -> Ruleset:
        return cls.made_of(
            registry.partners, registry.partner_groups, registry.sharing_rules, today, registry.give_to_get, given
        )

    @classmethod
    def made_of(
        cls,
        partners: list[Partner],
        groups: list[PartnerGroup],
        rules: Sequence[SharingRule],
        today: date,
        limits: Sequence[GiveToGet],
        given: GivenAnswers,
    ) -> Ruleset:
        terms = {term for rule in rules for term in (rule.contributor, rule.recipient)}
        terms |= {limit.partner for limit in limits}
        return cls(
            partners={partner.partner_id: partner for partner in partners},
            rules=list(rules),
            members={term: members(term, partners, groups) for term in terms},
            today=today,
            limits=list(limits),
            given=given,
        )

    @property
    def recipients(self) -> list[Partner]:
        """The partners with views: active, and not the exchange itself."""
        return [partner for partner in self.partners.values() if partner.is_active and not partner.is_exchange]

    def candidates(self, recipient_id: str, contributor_id: str) -> list[SharingRule]:
        """The rules about this pair, in force or not, in registry order. A partner's own rows need none."""
        pair = recipient_id, contributor_id
        if pair not in self._of_pair:
            self._of_pair[pair] = [
                rule
                for rule in self.rules
                if recipient_id != contributor_id
                and contributor_id in self.members[rule.contributor]
                and recipient_id in self.members[rule.recipient]
            ]
        return self._of_pair[pair]

    def limits_on(self, partner_id: str) -> list[LimitOnPartner]:
        """The limits that mean the partner, with what it gave."""
        if partner_id not in self._limits_on:
            found = limits_on(partner_id, self.limits, self.members, self.given, self.today)
            self._limits_on[partner_id] = found
        return self._limits_on[partner_id]

    def is_below_limit(self, partner_id: str) -> bool:
        """Whether the partner gave too little to be shown others' rows."""
        return not all(limit.is_met for limit in self.limits_on(partner_id))

    @property
    def below_limits(self) -> list[str]:
        """The partners with views that see only their own rows, because they gave too little; in text order."""
        return sorted(one.partner_id for one in self.recipients if self.is_below_limit(one.partner_id))

    def judge(self, recipient: Partner, row_class: RowClass) -> Judgement:
        candidates = self.candidates(recipient.partner_id, row_class.contributor)
        is_below_limit = self.is_below_limit(recipient.partner_id)
        return judge(candidates, recipient, row_class, self.today, is_below_limit=is_below_limit)

    def steps(self, recipient: Partner, row_class: RowClass) -> Steps:
        """judge(…).steps() of another partner's rows, for very many recipients and classes.

        Whether a rule counts for a class does not depend on the recipient, nor the steps on more than the rules that
        count: each is found once (100 partners, 18,000 classes: 22 s instead of 213).
        """
        if not covers_state(recipient, row_class.state) or self.is_below_limit(recipient.partner_id):
            return ()
        if row_class not in self._counting:
            in_force = (rule for rule in self.rules if self.is_in_force(rule))
            self._counting[row_class] = {rule.rule_id for rule in in_force if matches(rule, row_class)}
        counting = self._counting[row_class]
        candidates = self.candidates(recipient.partner_id, row_class.contributor)
        counted = tuple(rule.rule_id for rule in candidates if rule.rule_id in counting)
        if counted not in self._steps:
            self._steps[counted] = self.judge(recipient, row_class).steps()
        return self._steps[counted]

    def is_in_force(self, rule: SharingRule) -> bool:
        return validity_on(rule, self.today) == "in_force"
