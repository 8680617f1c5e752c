import { expect, test } from "vitest";
import { connectionWith, connectorWith } from "./__fixtures__/definitions.ts";

/* What is said of a limit that no provider can have meant. */

test.each([
  [
    connectorWith({ limits: [{ scope: "tenants", requests: 1, per: "1s" }] }),
    'Connector "crm", limits.0.scope: found "tenants". Did you mean "tenant"?',
  ],
  [
    connectorWith({ limits: [{ per: "1s" }] }),
    'Connector "crm", limits.0.requests: found nothing. Say how many requests are allowed, with per, or how many at once, with concurrent.',
  ],
  [
    connectorWith({ limits: [{ concurrent: 2, per: "1s" }] }),
    'Connector "crm", limits.0.requests: found nothing. Say how many are allowed in that time.',
  ],
  [
    connectorWith({ limits: [{ requests: 10 }] }),
    'Connector "crm", limits.0.per: found nothing. Say in which time so many requests are allowed, such as "10s".',
  ],
  [
    connectorWith({ limits: [{ endpoint: "/search", requests: 1, per: "1s" }] }),
    'Connector "crm", limits.0.endpoint: found "/search". Name an operation (search.list), a resource (search), or a method and a path (POST /search).',
  ],
  [
    connectorWith({ limits: [{ endpoint: "deel.create", requests: 1, per: "1s" }] }),
    'Connector "crm", limits.0.endpoint: found "deel.create". Did you mean "deal"?',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1s", costs: { "deals.create": 5 } }] }),
    'Connector "crm", limits.0.costs: found "deals.create". Did you mean "deal"?',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1s", cost: 11 }] }),
    'Connector "crm", limits.0.cost: found 11. A call that costs more than all 10 could never be made.',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1s", reserve: { interactive: 2 } }] }),
    'Connector "crm", limits.0.reserve.interactive: found 2. Give a share of requests, from 0 to 1.',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1s", reserve: { interactive: 0.5, event: 0.5 } }] }),
    'Connector "crm", limits.0.reserve: found 1. Leave a tenth for everybody: the shares are at most 0.9 together.',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1d", align: "Mars/Olympus" }] }),
    'Connector "crm", limits.0.align: found "Mars/Olympus". Name a time zone of the IANA database, such as UTC or America/Los_Angeles.',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1d", align: "UTC", counts: "sliding" }] }),
    'Connector "crm", limits.0.align: found "UTC". Only windows one after another begin at a time: leave it out, or count fixed.',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "7h", align: "UTC" }] }),
    'Connector "crm", limits.0.per: found "7h". Windows by the clock last a day or divide it evenly: "1d", "1h", "15m".',
  ],
  [
    connectorWith({ limits: [{ requests: 10, per: "1s", headers: "RateLimits" }] }),
    'Connector "crm", limits.0.headers: found "RateLimits". Did you mean "RateLimit"?',
  ],
  [
    connectorWith({
      errors: [{ status: 200, code: "CRM_LIMITED", class: "rate-limit", retry: "backoff", meaning: "Wait.", throttled: true }],
    }),
    'Connector "crm", errors.CRM_LIMITED.contains: found nothing. A 2xx is an error only where its body says so: give a text that it then has.',
  ],
  [
    connectorWith({
      errors: [{ status: 400, code: "CRM_LIMITED", class: "rate-limit", retry: "never", meaning: "Wait.", throttled: true }],
    }),
    'Connector "crm", errors.CRM_LIMITED.retry: found "never". Who asked too often may ask again later: write "backoff", or after how many milliseconds.',
  ],
  [
    connectionWith({ limits: [{ requests: 100, per: "minute" }] }),
    'Configuration, connections.0.limits.0.per: found "minute". Write a number and a unit, such as "10s" or "2h".',
  ],
])("%# says the field and the remedy", (define, message) => {
  expect(define).toThrow(message);
});

test("limits of all kinds are taken", () => {
  const limits = [
    { requests: 100, per: "10s", counts: "sliding", reserve: { interactive: 0.1 }, headers: "RateLimit" },
    { scope: "app", requests: 10_000, per: "1d", align: "America/Los_Angeles", costs: { "deal.create": 2, "GET /deals/{id}": 0.5 } },
    { endpoint: "POST /search", requests: 10, per: "1s", cost: 5, headers: "X-RateLimit" },
    { scope: "tenant", concurrent: 10 },
    { scope: "account", endpoint: "deal", requests: 5, per: "1s" },
  ];
  expect(connectorWith({ limits })).not.toThrow();
  expect(connectionWith({ limits, account: "main" })).not.toThrow();
});
