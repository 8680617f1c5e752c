import { BelayError, hostSource, isBelayError } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Clock, Receipt } from "../telemetry/index.ts";
import { causeWork, type EventSource } from "./cause-work.ts";
import { type IngressCode, ingressErrors } from "./errors.ts";
import type { GroupCommit } from "./group-commit.ts";
import { isKey, longestKey } from "./keys.ts";
import type { Refusal } from "./routes.ts";

/** Something that the host application tells of itself. */
export interface EmittedEvent {
  readonly tenant: string;
  readonly type: string;
  /** The application's own id of it: of any number of emissions with one id exactly one causes work. */
  readonly id: string;
  /** JSON. */
  readonly data: unknown;
  /** W3C traceparent, see `beginTrace`. */
  readonly trace: string;
  /** The application's own traceparent, if it sent one. */
  readonly sender?: string | undefined;
}

export interface EmitParts {
  readonly catalog: Catalog;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  /** Why nothing more may be taken in for a tenant now. Default: it always may. */
  readonly refusal?: Refusal | undefined;
  /** Told how each event was taken in. Must be quick. */
  readonly onReceived?: ((receipt: Receipt) => void) | undefined;
}

export type Emission =
  | { readonly outcome: "accepted" | "duplicate" | "quarantined" }
  /** Nothing was stored: there is nobody to tell. */
  | { readonly outcome: "ignored"; readonly reason: string };

const keepKeysMs = 7 * 86_400_000;

/** The host application as a source of a tenant's events. */
export function hostEventSource({ config }: Catalog, tenant: string): EventSource {
  const events = Object.fromEntries(Object.entries(config.events ?? {}).map(([type, { schema }]) => [type, schema]));
  return { connection: { id: hostSource, tenant }, webhooks: { events } };
}

/**
 * Takes an event of the host application in, as a webhook is taken in: it is stored together with the work that it causes, once per id, and what does not fit its
 * schema becomes a dead letter. Emitting it again within seven days is safe.
 *
 * @throws `INGRESS_EVENT_UNKNOWN` for a type that is not declared, `INGRESS_KEY_INVALID` for an id that is none, `INGRESS_TENANT_BACKLOG_FULL` and `INGRESS_BACKLOG_FULL`
 *   when too much waits, and what `GroupCommit` throws.
 */
export async function emitEvent(parts: EmitParts, emitted: EmittedEvent): Promise<Emission> {
  const { catalog, commit, clock } = parts;
  const { tenant, type, id, data, trace } = emitted;
  const startedAtMs = clock.now();
  const source = hostEventSource(catalog, tenant);
  if (!Object.hasOwn(source.webhooks.events, type)) {
    const declared = Object.keys(source.webhooks.events);
    const remedy = declared.length === 0 ? 'none is declared; see "events" of defineConfig.' : `declared are ${declared.join(", ")}.`;
    throw new BelayError("INGRESS_EVENT_UNKNOWN", `There is no event "${type}"; ${remedy}`);
  }
  if (!isKey(id)) throw new BelayError("INGRESS_KEY_INVALID", `The event's id must be a text of 1 to ${longestKey} characters.`);
  const ofTenant = catalog.hostRoutes.get(tenant);
  if (ofTenant === undefined) return { outcome: "ignored", reason: `Tenant "${tenant}" has no connection.` };
  const routes = ofTenant.get(type) ?? [];
  if (routes.length === 0)
    return { outcome: "ignored", reason: `No flow listens to "${type}" and writes to a connection of tenant "${tenant}".` };
  const full = parts.refusal?.(tenant);
  if (full !== undefined) {
    const code = full === "tenant" ? "INGRESS_TENANT_BACKLOG_FULL" : "INGRESS_BACKLOG_FULL";
    tell(parts, emitted, startedAtMs, { outcome: "rejected", code, quarantined: [], status: ingressErrors[code].status });
    throw new BelayError(code, `Too much waits${full === "tenant" ? ` for tenant "${tenant}"` : ""}; emit it again later.`, {
      retry: "backoff",
    });
  }
  const body = Buffer.from(JSON.stringify(data) ?? "null");
  const work = await causeWork({ endpoint: source, id, type, body, trace, nowMs: startedAtMs }, routes, data);
  const messages = work.filter((item) => !("code" in item));
  const quarantined = work.filter((item) => "code" in item);
  const event = { tenant, connection: hostSource, keys: [id], keepKeysMs, messages, quarantined };
  try {
    const stored = await commit.submit(`${hostSource}/${tenant}`, event);
    const outcome = stored === "accepted" && messages.length === 0 ? "quarantined" : stored;
    tell(parts, emitted, startedAtMs, { outcome, quarantined: stored === "accepted" ? quarantined : [], status: 202 });
    return { outcome };
  } catch (error) {
    if (isBelayError(error) && error.code in ingressErrors) {
      const code = error.code as IngressCode;
      tell(parts, emitted, startedAtMs, { outcome: "rejected", code, quarantined: [], status: ingressErrors[code].status });
    }
    throw error;
  }
}

/** Nothing is put together as long as nobody wants to be told. */
function tell(
  { clock, onReceived }: EmitParts,
  { tenant, type, id, trace, sender }: EmittedEvent,
  startedAtMs: number,
  end: Pick<Receipt, "outcome" | "code" | "quarantined" | "status">,
): void {
  onReceived?.({
    ...end,
    trace,
    sender,
    route: "/v1/events",
    tenant,
    connection: hostSource,
    eventType: type,
    eventId: id,
    startedAtMs,
    endedAtMs: clock.now(),
  });
}
