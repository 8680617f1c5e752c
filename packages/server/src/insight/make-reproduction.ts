import { BelayError, type Connection, type Reproduction } from "@belay/sdk";
import { type Catalog, furtherConnections, personalFields, redactSecretsOf } from "../catalog/index.ts";
import { type KeptAttempt, readAttempts, tokenize } from "../exchanges/index.ts";
import { type MessageFacts, readMessage } from "../mailbox/index.ts";
import { putPseudonyms } from "./pseudonyms.ts";
import type { StorySources } from "./read-story.ts";

export interface ReproductionOptions {
  readonly tenant?: string | undefined;
  /** Which attempt. Default: the last that failed. */
  readonly attempt?: number | undefined;
}

/**
 * Makes a file of a failed attempt, by which it fails alike offline.
 *
 * @returns `undefined` when there is no message of this id.
 * @throws `API_NOT_REPRODUCIBLE` when no failed attempt of it is kept, or its payload is longer than what is read.
 */
export async function makeReproduction(sources: StorySources, id: number, options: ReproductionOptions): Promise<Reproduction | undefined> {
  const { db, cipher, catalog } = sources;
  const facts = await readMessage(db, cipher, id, options.tenant);
  if (facts === undefined) return undefined;
  const { message } = facts;
  const attempt = chooseAttempt(facts, await readAttempts(db, cipher, message.tenant, id), options.attempt);
  if (Buffer.byteLength(facts.payload.text) < facts.payload.bytes) throw impossible(`The payload of message ${id} is longer than 64 KiB.`);
  const redactSecrets = redactSecretsOf(catalog.ofTenant(message.tenant));
  const fields = personalFields(catalog).ofEvent(message.flow, message.eventType);
  const texts = [redactSecrets(facts.payload.text), message.eventKey].map((text) => ({ tenant: message.tenant, text, fields }));
  const [payload, eventKey] = await tokenize(cipher, texts);
  const clean = (text: string): string => putPseudonyms(redactSecrets(text), payload?.values ?? new Map());
  const target = attempt?.target ?? message.mailbox.slice(0, message.mailbox.lastIndexOf("/"));
  return {
    format: 1,
    madeBy: `node ${process.version}`,
    at: attempt?.startedAt ?? message.receivedAt,
    tenant: message.tenant,
    message: id,
    flow: message.flow,
    target,
    connection: message.connection,
    eventType: message.eventType,
    eventKey: clean(eventKey?.text ?? ""),
    attempt: attempt?.attempt ?? 0,
    suspect: attempt?.suspect ?? false,
    firstAttemptAt: toIso(attempt?.firstAttemptAt ?? null),
    payload: clean(payload?.text ?? ""),
    steps: Object.fromEntries(Object.entries(attempt?.known ?? {}).map(([name, result]) => [name, clean(result)])),
    connections: describeConnections(catalog, message, target),
    exchanges: (attempt?.exchanges ?? []).map(({ connection, request, response, error, durationMs }) => ({
      connection: connection.slice(connection.indexOf("/") + 1),
      method: request.method,
      // Its tokens stay: they stand for whatever the flow makes of the payload's made-up values.
      path: request.path,
      ...(response && { response: { ...response, body: clean(response.body) } }),
      ...(error !== undefined && { error }),
      durationMs,
    })),
    failed: {
      code: attempt?.code ?? message.code ?? "",
      error: clean(attempt?.error ?? (attempt === undefined ? (message.error ?? "") : "")),
      step: attempt?.steps.findLast(({ code }) => code !== undefined)?.name ?? "",
    },
    incomplete: attempt === undefined ? [] : whatIsMissing(attempt),
  };
}

function toIso(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}

/** `undefined` for a message that was set aside before any attempt. */
function chooseAttempt({ message }: MessageFacts, attempts: readonly KeptAttempt[], wanted: number | undefined): KeptAttempt | undefined {
  const failed = attempts.filter(({ verdict, sealed }) => (verdict === "retry" || verdict === "dead") && !sealed);
  const found = wanted === undefined ? failed.at(-1) : failed.findLast(({ attempt }) => attempt === wanted);
  if (found !== undefined) return found;
  if (message.state === "dead" && message.attempts === 0 && wanted === undefined) return undefined;
  const which = wanted === undefined ? "No failed attempt" : `No failed attempt ${wanted}`;
  throw impossible(`${which} of message ${message.id} is kept: it never failed, or its days are over.`);
}

function impossible(text: string): BelayError {
  return new BelayError("API_NOT_REPRODUCIBLE", text);
}

function describeConnections(
  catalog: Catalog,
  { flow, tenant, connection }: MessageFacts["message"],
  target: string,
): Reproduction["connections"] {
  const definition = catalog.flows.get(flow);
  const ofTenant = catalog.ofTenant(tenant);
  const further = definition && furtherConnections(ofTenant, definition, { id: connection, tenant });
  const used: [string, Connection | undefined][] = [["", catalog.connections.get(target)], ...Object.entries(further ?? {})];
  return used.flatMap(([name, each]) => {
    if (each === undefined) return [];
    const base = each.baseUrl ?? catalog.connectors.get(each.connector)?.baseUrl ?? "";
    // Placeholders stand in hosts and paths alike.
    const filled = base.replaceAll(/\{(\w+)\}/g, (_all, setting: string) => each.settings?.[setting] ?? "x");
    const basePath = URL.canParse(filled) ? new URL(filled).pathname.replace(/\/+$/, "") : "";
    return [{ name, id: each.id, connector: each.connector, basePath, credential: Object.keys(each.credential ?? {}) }];
  });
}

function whatIsMissing({ known, omitted, exchanges }: KeptAttempt): string[] {
  const cut = exchanges.filter(({ response }) => /… \[\d+ characters more\]$/.test(response?.body ?? "")).length;
  return [
    ...(known === null ? ["The results of earlier steps were too long to be kept."] : []),
    ...(omitted === undefined ? [] : [`${omitted.count} exchanges in the middle were not kept.`]),
    ...(cut === 0 ? [] : [`${cut} answers were longer than what is kept of one.`]),
  ];
}
