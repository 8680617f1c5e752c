import type { OperationOptions } from "../../../connector/operation.ts";
import type { Known } from "../../../connector/fallback.ts";
import type { BelayError } from "../../../errors/belay-error.ts";
import { resolveBodies } from "../../../formats/index.ts";
import { currentOperation } from "../../operation-context.ts";
import { call } from "../call.ts";
import type { Answered } from "../call.ts";
import type { ResourceAccess } from "../resource-access.ts";
import { instead } from "./instead.ts";
import { isUnavailable } from "./is-unavailable.ts";
import { readFallback } from "./read-fallback.ts";

export interface Read {
  readonly label: string;
  readonly declared: OperationOptions | undefined;
  readonly path: string;
  readonly absentOn404?: boolean;
}

/** What is larger is not kept, in characters. */
const mostCharacters = 65_536;

/**
 * Reads, and falls back as the call says when the provider is unavailable. Without a fallback nothing is kept and nothing is looked up.
 *
 * @throws `FALLBACK_TOO_OLD`, `FALLBACK_NOTHING_KNOWN`, `FALLBACK_UNAVAILABLE`, each with what failed as its cause; they wait where it would have waited.
 */
export async function readKnown(
  access: ResourceAccess,
  read: Read,
  options: unknown,
  interpret: (answer: Answered) => Promise<unknown>,
): Promise<unknown> {
  const request = { ...read, method: "GET", operation: currentOperation() } as const;
  if (options === undefined) return interpret(await call(access, request));
  const fallback = readFallback(read.label, options, ["lastKnown", "error"]);
  const at = access.clock.now();
  let answered: Answered;
  try {
    answered = await call(access, request);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    if (fallback.kind !== "lastKnown") throw instead("FALLBACK_UNAVAILABLE", `${read.label}: the provider is unavailable.`, error);
    return await lastKnown(access, read, error, fallback.maxAgeMs, interpret);
  }
  const value = await interpret(answered);
  if (fallback.kind !== "lastKnown") return value;
  // As it came, not as it was understood: it is understood anew by whatever schema there is then.
  const kept = JSON.stringify({ status: answered.status, body: answered.body });
  if (kept.length <= mostCharacters) access.lastKnown?.keep({ key: keyOf(read), value: kept, at });
  return { value, stale: false } satisfies Known<unknown>;
}

async function lastKnown(
  access: ResourceAccess,
  read: Read,
  cause: BelayError,
  maxAgeMs: number,
  interpret: (answer: Answered) => Promise<unknown>,
): Promise<Known<unknown>> {
  const found = await access.lastKnown?.find(keyOf(read));
  const { label } = read;
  if (found === undefined)
    throw instead("FALLBACK_NOTHING_KNOWN", `${label}: the provider is unavailable, and no earlier answer is known.`, cause);
  if (found.ageMs > maxAgeMs) {
    const text = `${label}: the provider is unavailable, and its last answer is ${Math.round(found.ageMs / 1_000)} s old.`;
    throw instead("FALLBACK_TOO_OLD", text, cause);
  }
  const { status, body } = JSON.parse(found.value) as { readonly status: number; readonly body?: unknown };
  const bodies = resolveBodies(read.declared?.bodies, access.bodies);
  return { value: await interpret({ status, headers: {}, body, bodies }), stale: true, ageMs: found.ageMs };
}

/** Two calls are the same when they ask for the same: the path has the id, the filters and the version. */
function keyOf({ label, path }: Read): string {
  return `${label} ${path}`;
}
