import type { Connection } from "@belay/sdk";
import { createRedact } from "@belay/sdk/http";
import type { RunEnd } from "./protocol.ts";

/**
 * Takes the tenant's secrets out of what a run failed with, before the text leaves the thread: a flow, or a library that it uses, may have put into an error whatever
 * it was given.
 */
export function redactEnd(end: RunEnd, ofTenant: readonly Connection[]): RunEnd {
  if (end.kind !== "failed") return end;
  const secrets = ofTenant.flatMap(({ credential, webhookSecrets }) => [...Object.values(credential ?? {}), ...(webhookSecrets ?? [])]);
  return { ...end, error: createRedact(Object.fromEntries(secrets.entries()), "").text(end.error) };
}
