import { expect, test } from "vitest";
import { connectorWith, deal, syncWith } from "./__fixtures__/definitions.ts";

/* What is said of changes, identity and mappings that cannot be meant. */

const listed = { ...deal, list: { paging: { kind: "none" }, filters: { since: { field: "updated", test: "atLeast" }, owner: {} } } };
const byField = { kind: "field", field: "updated", filter: "since" };
const withChanges = (changes: object, resource: object = listed): (() => unknown) =>
  connectorWith({ resources: { deal: { ...resource, changes } } });

test.each([
  [
    withChanges({ by: byField }, deal),
    `Connector "crm", resources.deal.changes: found no listing. Changes go on from a walk through everything: declare the resource's list.`,
  ],
  [
    withChanges({ by: { ...byField, filter: "sinc" } }),
    'Connector "crm", resources.deal.changes.by.filter: found "sinc". Did you mean "since"?',
  ],
  [
    withChanges({ by: { ...byField, filter: "owner" } }),
    'Connector "crm", resources.deal.changes.by.filter: found "owner". It has to let pass what is newer: give the filter the test "atLeast" or "above".',
  ],
  [
    withChanges({ by: { ...byField, kind: "time" } }),
    'Connector "crm", resources.deal.changes.by.kind: found "time". Use one of field, token.',
  ],
  [
    withChanges({ by: { ...byField, lookback: "five minutes" } }),
    'Connector "crm", resources.deal.changes.by.lookback: found "five minutes". Write a number and a unit, such as "10s" or "2h".',
  ],
  [
    withChanges({ by: byField, hints: ["deal.lost"] }),
    'Connector "crm", resources.deal.changes.hints: found "deal.lost". Did you mean "deal.won"?',
  ],
  [
    withChanges({ by: byField, deleted: { paging: { kind: "none" }, since: byField } }),
    'Connector "crm", resources.deal.changes.deleted.since.filter: found "since". Leave it out: there is none.',
  ],
  [
    withChanges({ by: byField, tombstone: { at: "gone" } }),
    'Connector "crm", resources.deal.changes.tombstone.is: found nothing. Give a list of values.',
  ],
  [syncWith({ identity: {} }), 'Sync "deals-kept", identity.rules: found nothing. Give a list of rules.'],
  [
    syncWith({ identity: { rules: [{ kind: "email", weight: 2 }] } }),
    'Sync "deals-kept", identity.rules.0.weight: found 2. Give a share from 0 to 1.',
  ],
  [syncWith({ identity: { rules: [], link: "sure" } }), 'Sync "deals-kept", identity.link: found "sure". Give a share from 0 to 1.'],
  [
    syncWith({ deletes: { undo: "a week" } }),
    'Sync "deals-kept", deletes.undo: found "a week". Write a number and a unit, such as "10s" or "2h".',
  ],
  [connectorWith({ mappings: {} }), 'Connector "crm", mappings: found an object. Give a list of mappings.'],
  [
    connectorWith({ mappings: [{ resource: "deal" }] }),
    'Connector "crm", mappings.0: found an object. Make it by defineMapping of @belay/sdk/models.',
  ],
] as const)("a mistake in changes, identity or a mapping is refused, %#", (define, text) => {
  expect(define).toThrow(text);
});
