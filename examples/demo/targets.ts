import { simulateConfig } from "@belay/testkit";
import type { Fields, ProposedWrite, Simulation, Simulator, StoredRecord } from "@belay/testkit";
import config from "./belay.config.ts";
import type { TargetRecord } from "./check.ts";
import { versionField } from "./flows/issues-to-tickets.ts";
import { memberOf, textOf } from "./member.ts";
import { blockedPrefix } from "./traffic/index.ts";

/** The providers, and of them the two target systems, each with an account for every connection to it. */
export interface Targets extends AsyncDisposable {
  readonly simulation: Simulation;
  readonly zendesk: Simulator;
  readonly hubspot: Simulator;
}

/**
 * Shares of requests. A request that hangs is dropped after 600 ms, so that a demo of a minute sees many. Enough creates are left without
 * an answer that a missing idempotency key shows in a run of the full size; a quick one is too small for that.
 */
const faults = {
  tooManyRequests: 0.01,
  serverError: 0.02,
  unavailable: 0.01,
  timeoutAfterCommit: 0.04,
  resetBeforeCommit: 0.01,
  slow: 0.05,
  hangMs: 600,
};

const configUrl = new URL("./belay.config.ts", import.meta.url).href;

/** Simulates all providers on loopback, the two targets misbehaving by the seed. */
export async function startProviders(seed: number): Promise<Targets> {
  const simulation = await simulateConfig({
    configUrl,
    config,
    seed,
    only: {
      zendesk: { faults },
      hubspot: { faults },
    },
  });
  const targets = { simulation, zendesk: simulation.simulator("zendesk"), hubspot: simulation.simulator("hubspot") };
  targets.zendesk.refuse(isBlocked);
  targets.hubspot.refuse(isBlocked);
  return { ...targets, [Symbol.asyncDispose]: () => simulation.close() };
}

function isBlocked({ fields }: ProposedWrite): boolean {
  return (textOf(fields, "subject") ?? textOf(fields, "lastname") ?? "").startsWith(blockedPrefix);
}

/** What the targets hold, in the words of the checker. */
export function readTargets(targets: Targets): readonly TargetRecord[] {
  return [
    ...targets.zendesk
      .records("ticket")
      .map((record) =>
        recordOf(record, "issues-to-tickets", (textOf(record.fields, "external_id") ?? "").replace("github-issue-", ""), ticketVersion),
      ),
    ...targets.hubspot
      .records("contact")
      .map((record) => recordOf(record, "customers-to-contacts", textOf(record.fields, "stripe_customer_id") ?? "", contactVersion)),
  ];
}

/** How often the targets failed a request or left it without an answer. */
export function countFailures(targets: Targets): number {
  const counts = [targets.zendesk.requests(), targets.hubspot.requests()].flatMap((requests) => Object.entries(requests));
  return counts.reduce((sum, [label, count]) => sum + (label === "dropped" || label === "429" || label >= "500" ? count : 0), 0);
}

function recordOf(record: StoredRecord, flow: string, orderKey: string, version: (fields: Fields) => number): TargetRecord {
  return {
    entity: `${tenantOf(record.account)}/${flow}/${orderKey}`,
    id: record.id,
    writes: record.writes.map(({ fields, operation, idempotencyKey, changed }) => ({
      version: version(fields),
      operation,
      idempotencyKey,
      changed,
    })),
  };
}

function tenantOf(account: string): string | undefined {
  return config.connections.find(({ id }) => id === account)?.tenant;
}

/** NaN, which no event asks for, when the write has no version. */
function ticketVersion(fields: Fields): number {
  const custom: readonly unknown[] = Array.isArray(fields["custom_fields"]) ? fields["custom_fields"] : [];
  const field = custom.find((candidate) => memberOf(candidate, "id") === versionField);
  return Date.parse(textOf(field, "value") ?? "");
}

function contactVersion(fields: Fields): number {
  return Number(textOf(fields, "stripe_event_created") ?? Number.NaN);
}
