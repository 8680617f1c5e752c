import { hubspot } from "@belay/connector-hubspot";
import { zendesk } from "@belay/connector-zendesk";
import { type Limit, Secret } from "@belay/sdk";
import { simulate, type Simulator, type StoredRecord } from "@belay/testkit";
import type { TargetRecord } from "../../../examples/demo/check.ts";
import { versionField } from "../../../examples/demo/flows/issues-to-tickets.ts";
import { memberOf, textOf } from "../../../examples/demo/member.ts";
import { blockedPrefix } from "./source-events.ts";
import { type TargetName, tenantNames, type TenantName } from "./steps.ts";

/** HubSpot's answer to a second contact with the same value of a unique property. */
const taken = { status: 400, body: { status: "error", category: "VALIDATION_ERROR", message: "Another contact already has that value." } };

export function credentialOf(target: TargetName, tenant: TenantName): Readonly<Record<string, Secret>> {
  if (target === "hubspot") return { token: new Secret(`${tenant}-token`) };
  return { username: new Secret(`agent@${tenant}.example/token`), password: new Secret(`${tenant}-password`) };
}

export function baseUrlOf(target: TargetName, tenant: TenantName): string {
  return `http://${target}.simulated/${tenant}`;
}

export interface ProviderAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProviderRequest {
  readonly origin: string;
  readonly method: string;
  /** Path and query, starting with the account. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The targets of one history. They behave; what goes wrong is the network's part. */
export class Providers {
  readonly #simulators: Readonly<Record<TargetName, Simulator>>;

  private constructor(simulators: Readonly<Record<TargetName, Simulator>>) {
    this.#simulators = simulators;
  }

  static async open(nowMs: () => number, limits: readonly Limit[] | undefined): Promise<Providers> {
    const options = (target: TargetName) => ({
      accounts: Object.fromEntries(tenantNames.map((tenant) => [tenant, credentialOf(target, tenant)])),
      listen: false,
      clock: { now: nowMs, wait: () => Promise.reject(new Error("A provider without faults waits for nothing.")) },
      ...(limits && { limits }),
    });
    const simulators = {
      zendesk: await simulate(zendesk, options("zendesk")),
      hubspot: await simulate(hubspot, {
        ...options("hubspot"),
        resources: { contact: { unique: ["stripe_customer_id", "email"] } },
        failures: { taken },
      }),
    };
    for (const simulator of Object.values(simulators)) {
      simulator.refuse(({ fields }) => (textOf(fields, "subject") ?? textOf(fields, "lastname") ?? "").startsWith(blockedPrefix));
    }
    return new Providers(simulators);
  }

  async serve(request: ProviderRequest): Promise<ProviderAnswer> {
    const simulator = this.#simulators[targetOf(request)];
    const outcome = await simulator.exchange(request, () => new AbortController().signal);
    if (outcome.kind === "drop") throw new Error("A provider without faults drops no connection.");
    return outcome.answer;
  }

  /** What the targets hold, in the words of the demo's checker. */
  records(): TargetRecord[] {
    const { zendesk: desk, hubspot: crm } = this.#simulators;
    return [
      ...desk.records("ticket").map((record) => {
        const id = (textOf(record.fields, "external_id") ?? "").replace("github-issue-", "");
        return recordOf(record, `issues-to-tickets/${id}`, ticketVersion);
      }),
      ...crm.records("contact").map((record) => {
        const id = textOf(record.fields, "stripe_customer_id") ?? "";
        return recordOf(record, `customers-to-contacts/${id}`, (fields) => Number(textOf(fields, "stripe_event_created") ?? Number.NaN));
      }),
    ];
  }
}

export function targetOf({ origin }: Pick<ProviderRequest, "origin">): TargetName {
  return origin.includes("zendesk") ? "zendesk" : "hubspot";
}

export function tenantOf({ path }: Pick<ProviderRequest, "path">): TenantName {
  return path.startsWith("/acme/") ? "acme" : "globex";
}

function recordOf({ account, id, writes }: StoredRecord, entity: string, versionOf: (fields: unknown) => number): TargetRecord {
  return {
    entity: `${account}/${entity}`,
    id,
    writes: writes.map(({ fields, operation, idempotencyKey, changed }) => ({
      version: versionOf(fields),
      operation,
      idempotencyKey,
      changed,
    })),
  };
}

/** NaN, which no event asks for, when the write has no version. */
function ticketVersion(fields: unknown): number {
  const custom = memberOf(fields, "custom_fields");
  const field: unknown = Array.isArray(custom) ? custom.find((candidate) => memberOf(candidate, "id") === versionField) : undefined;
  return Date.parse(textOf(field, "value") ?? "");
}
