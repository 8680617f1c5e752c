import { expect, test } from "vitest";
import { configWith, connectorWith, crm, deal, ledger, sync, syncWith } from "./__fixtures__/definitions.ts";

/* What is said of a sync that cannot be meant. */

test.each([
  [
    connectorWith({ resources: { check: deal } }),
    'Connector "crm", resources.check: found a name that the connector itself uses. Call it otherwise: crm.check is something else.',
  ],
  [
    syncWith({ id: "Deals" }),
    'Sync "Deals", id: found "Deals". Use lower-case letters, digits and dashes, at most 80, starting with a letter.',
  ],
  [
    syncWith({ source: undefined }),
    'Sync "deals-kept", source: found nothing. Name a resource of a connector, such as hubspot.contact; a slip in its name gives nothing.',
  ],
  [
    syncWith({ target: "deal" }),
    'Sync "deals-kept", target: found a text. Name a model, such as unified.contact: { model, schema }; if it is imported, see that the name is exported.',
  ],
  [
    syncWith({ map: undefined }),
    'Sync "deals-kept", map: found nothing. Write map: (record) => …; connector "ledger" has no mapping of its own from deal to deal.',
  ],
  [syncWith({ every: "15 minutes" }), 'Sync "deals-kept", every: found "15 minutes". Write a number and a unit, such as "10s" or "2h".'],
  [syncWith({ deletes: { maxFraction: 5 } }), 'Sync "deals-kept", deletes.maxFraction: found 5. Give a share from 0 to 1.'],
  [configWith({ syncs: [sync] }), 'Configuration, connectors: found no "ledger". Sync "deals-kept" reads from this connector; add it.'],
  [
    configWith({ connectors: [crm, ledger], syncs: [{ ...sync, id: "deals" }] }),
    'Configuration, syncs.0.id: found "deals". A flow has it already; give each its own id.',
  ],
  [
    configWith({ connectors: [crm, ledger], syncs: [{ ...sync, filters: { ownr: "ada" } }] }),
    'Configuration, syncs.0.filters.ownr: found a filter that the listing does not have. Did you mean "owner"?',
  ],
  [
    configWith({ connectors: [crm, ledger], syncs: [sync, { ...sync, id: "deals-again" }] }),
    'Configuration, syncs.1.source: found ledger.deal, which sync "deals-kept" reads already. Read it by one sync, or give the connector a second resource for the same path: each keeps its own records.',
  ],
  [
    configWith({ syncs: [{ ...sync, source: { ...crm.deal } }] }),
    "Configuration, syncs.0.source: found crm.deal, which cannot be listed. Declare how the provider lists it: resources.….list in the connector.",
  ],
] as const)("a mistake in a sync is refused, %#", (define, text) => {
  expect(define).toThrow(text);
});
