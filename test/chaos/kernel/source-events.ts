import { createHmac } from "node:crypto";
import type { SourceName, TenantName } from "./steps.ts";

/** The targets refuse to hold a name that begins like this. */
export const blockedPrefix = "[blocked]";

/** An event as its provider has it, before it is signed and sent. */
export interface SourceEvent {
  readonly tenant: TenantName;
  readonly source: SourceName;
  /** The provider's id of the event. */
  readonly id: string;
  readonly body: string;
  /** `<tenant>/<flow>/<order key>`, as the checker names entities. */
  readonly entity: string;
  readonly version: number;
}

const firstChangeMs = Date.UTC(2039, 0, 5, 8);

export function endpointOf(source: SourceName, tenant: TenantName): string {
  return `${tenant}-${source}-endpoint`;
}

export function secretOf(source: SourceName, tenant: TenantName): string {
  return `whsec_${tenant}_${source}`;
}

/** The event by which an entity came to its `version`, from 1. */
export function makeEvent(tenant: TenantName, source: SourceName, entity: number, version: number, refused: boolean): SourceEvent {
  const changedAtMs = firstChangeMs + (entity * 60 + version) * 60_000;
  const name = `${refused ? `${blockedPrefix} ` : ""}Entity ${entity}, version ${version}`;
  return source === "github"
    ? makeIssue(tenant, entity, version, changedAtMs, name)
    : makeCustomer(tenant, entity, version, changedAtMs / 1_000, name);
}

function makeIssue(tenant: TenantName, entity: number, version: number, changedAtMs: number, title: string): SourceEvent {
  const id = 444_500_000 + entity;
  const updated_at = new Date(changedAtMs).toISOString().replace(".000Z", "Z");
  const html_url = `https://github.com/${tenant}/app/issues/${entity}`;
  const repository = { id: 1, name: "app", full_name: `${tenant}/app`, html_url: `https://github.com/${tenant}/app`, private: true };
  const issue = { id, number: entity, title, body: null, state: "open", html_url, updated_at, created_at: updated_at };
  return {
    tenant,
    source: "github",
    id: `delivery-${entity}-${version}`,
    body: JSON.stringify({ action: version === 1 ? "opened" : "edited", issue, repository }),
    entity: `${tenant}/issues-to-tickets/${id}`,
    version: changedAtMs,
  };
}

function makeCustomer(tenant: TenantName, entity: number, version: number, created: number, name: string): SourceEvent {
  const id = `cus_${tenant}_${entity}`;
  const eventId = `evt_${tenant}_${entity}_${version}`;
  const object = { id, object: "customer", created, email: `entity-${entity}@customer.example`, name };
  const type = version === 1 ? "customer.created" : "customer.updated";
  return {
    tenant,
    source: "stripe",
    id: eventId,
    body: JSON.stringify({ id: eventId, object: "event", created, livemode: false, type, data: { object } }),
    entity: `${tenant}/customers-to-contacts/${id}`,
    version: created,
  };
}

/** The headers of a delivery, signed as the providers document it. */
export function signEvent({ tenant, source, id, body }: SourceEvent, nowMs: number): Record<string, string> {
  const sign = (text: string): string => createHmac("sha256", secretOf(source, tenant)).update(text).digest("hex");
  if (source === "github") {
    return {
      "content-type": "application/json",
      "x-github-event": "issues",
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${sign(body)}`,
    };
  }
  const seconds = Math.floor(nowMs / 1_000);
  return { "content-type": "application/json", "stripe-signature": `t=${seconds},v1=${sign(`${seconds}.${body}`)}` };
}
