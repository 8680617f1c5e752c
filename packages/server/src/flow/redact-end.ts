import type { Connection } from "@belay/sdk";
import { redactSecretsOf } from "../catalog/index.ts";
import type { RunEnd } from "./protocol.ts";

/** Takes the tenant's secrets out of what a run failed with, before the text leaves the thread. */
export function redactEnd(end: RunEnd, ofTenant: readonly Connection[]): RunEnd {
  return end.kind === "failed" ? { ...end, error: redactSecretsOf(ofTenant)(end.error) } : end;
}
