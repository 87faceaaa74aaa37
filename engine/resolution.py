"""What is known of each step by content: keys, records and values, filled as a run finds out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import reasons
from engine.cache import Cache, Found
from engine.errors import StepError
from engine.graph import Source, Step, flat
from engine.keys import keyed, lasting_key, recipe_of
from engine.ports import SCALARS
from engine.records import Artifact, Record, Value
from engine.workflow import Link


@dataclass
class Resolution:
    """Knowledge of one plan, and of the run that follows it.

    Attributes:
        cache: Where records are looked up.
        numerics: The compute type, part of every key.
        nonce: Part of the keys of volatile steps.
        values: What each link brings, as far as it is known.
        records: Records by step.
        keys: Keys by step.
        reasons: Why a step has no record, or how its record was found.
    """

    cache: Cache
    numerics: str
    nonce: str
    values: dict[Link, Value] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    _described: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _asked: dict[str, Mapping[str, Source]] = field(default_factory=dict)
    _passing: set[str] = field(default_factory=set)  # whose keys hold for one run or place only
    _parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _owners: dict[Artifact, str] = field(default_factory=dict)
    _effects: Counter[str] = field(default_factory=Counter)

    def links(self, step: Step) -> tuple[Link, ...]:
        """Return the links a step reads: of lazy ones those it asks for, as soon as it can tell."""
        if step.node.needs is None:
            return step.sources
        asked = self._asked.get(step.id)
        return flat(asked if asked is not None else _eager(step))

    def is_decided(self, step: Step) -> bool:
        """Tell whether it is known which links a step reads."""
        return step.node.needs is None or step.id in self._asked

    def decide(self, step: Step) -> bool:
        """Ask a step which of its lazy links it needs; False while it cannot tell.

        Raises:
            StepError: When the node fails to say what it needs.
        """
        needs = step.node.needs
        if needs is None or step.id in self._asked:
            return True
        eager = _eager(step)
        if not all(link in self.values for link in flat(eager)):
            return False
        try:
            needed = set(needs(self._settings(step, eager)))
        except Exception as error:
            raise StepError(f"{step.node.name} cannot say what it needs ({error})") from error
        links = step.links.items()
        self._asked[step.id] = {
            name: source for name, source in links if name in eager or name in needed
        }
        return True

    def reduced(self, step: Step) -> Step:
        """Return the step with the links it asked for only."""
        asked = self._asked.get(step.id)
        if asked is None:
            return step
        return Step(step.id, step.node, step.settings, asked, step.output_types)

    def key(self, step: Step) -> str:
        """Return the key of a step whose links are all known."""
        if step.id not in self.keys:
            self.keys[step.id] = self._new_key(self.reduced(step))
        return self.keys[step.id]

    def described(self, step: Step) -> Mapping[str, Any]:
        """Return what the key of a step is the digest of; the step has a key."""
        found = self._described.get(step.id)
        return self.records[step.id].inputs if found is None else found

    def lineage(self, step: Step) -> set[str]:
        """Return the ids of all steps that a step with known links was made from."""
        found: set[str] = set()
        waiting = list(self.reduced(step).parents)
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting.extend(self._parents[parent])
        return found

    def lasting_key(self, step_id: str) -> str:
        """Return the key of a step without what belongs to one run or one place."""
        if step_id not in self._passing:
            return self.keys[step_id]
        record = self.records.get(step_id)
        return lasting_key(self._described[step_id] if record is None else record.inputs)

    def look_up(self, step: Step) -> Record | None:
        """Find the record of a step whose links are all known."""
        found = self.cache.find(step.node, self.key(step))
        if found.record and self.is_taken(step, found.record):
            found = Found(None, reasons.FILE_OF_ANOTHER)
        self.reasons[step.id] = found.reason
        if found.record:
            self.learn(step, found.record)
        return found.record

    def learn(self, step: Step, record: Record) -> None:
        """Take the outputs of a step as known."""
        self.records[step.id] = record
        for artifact in record.artifacts:
            self._owners[artifact] = step.id
        self._described.pop(step.id, None)  # the record has it
        for name, value in record.outputs.items():
            self.values[Link(step.id, name)] = value

    def knows_inputs(self, step: Step) -> bool:
        """Tell whether everything a step reads is known by content."""
        try:
            decided = self.decide(step)
        except StepError:  # the run will say so
            decided = False
        return decided and all(link in self.values for link in self.links(step))

    def readable(self, link: Link) -> bool:
        """Tell whether a value is known and can be read from memory or the store."""
        value = self.values.get(link)
        return value is not None and self.cache.readable(value)

    def is_taken(self, step: Step, record: Record) -> bool:
        """Tell whether a saved file is another step's of this run: each asked for its own."""
        owners = {self._owners.get(artifact, step.id) for artifact in record.artifacts}
        return bool(owners - {step.id})

    def _new_key(self, step: Step) -> str:
        self._parents[step.id] = step.parents
        nonce = self.nonce if step.node.volatile else None
        if nonce or step.node.effect:
            self._passing.add(step.id)
        if not step.node.effect:
            return self._digested(step, None, nonce)
        target = self.cache.results.target
        key = self._digested(step, target, nonce)
        self._effects[key] += 1
        if self._effects[key] == 1:
            return key  # else the same effect is asked for twice, and has to happen twice
        return self._digested(step, target, f"{nonce or ''} {self._effects[key]}")

    def _digested(self, step: Step, target: str | None, nonce: str | None) -> str:
        recipe = self._recipe(step) if has_receipt(step, self.cache) else None
        described, key = keyed(step, self.values, self.numerics, target, nonce, recipe)
        self._described[step.id] = described
        return key

    def _recipe(self, step: Step) -> str:
        return recipe_of(map(self.lasting_key, self.lineage(step)))

    def _settings(self, step: Step, eager: Mapping[str, Source]) -> Mapping[str, Any]:
        """Return the settings of a step, linked ones read: scalars, so nothing heavy is loaded."""
        settings = dict(step.settings)
        for name, source in eager.items():
            port = step.node.inputs[name]
            if isinstance(source, Link) and port.type in SCALARS:
                settings[name] = self.cache.load(self.values[source], port.type)
        return settings


def has_receipt(step: Step, cache: Cache) -> bool:
    """Tell whether what a step saves says how it was made."""
    return step.node.receipt and cache.results.receipts


def _eager(step: Step) -> Mapping[str, Source]:
    ports = step.node.inputs
    return {name: source for name, source in step.links.items() if not ports[name].lazy}
