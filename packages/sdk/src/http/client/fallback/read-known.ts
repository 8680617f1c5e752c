import type { OperationOptions } from "../../../connector/operation.ts";
import type { Known } from "../../../connector/fallback.ts";
import type { BelayError } from "../../../errors/belay-error.ts";
import { currentOperation } from "../../operation-context.ts";
import { call } from "../call.ts";
import type { Answered } from "../call.ts";
import { answerOf, openCached } from "../cache/read-cached.ts";
import { readMaxAge } from "../cache/read-max-age.ts";
import { memberOf } from "../decode-record.ts";
import type { ResourceAccess } from "../resource-access.ts";
import { instead } from "./instead.ts";
import { isUnavailable } from "./is-unavailable.ts";
import { readFallback } from "./read-fallback.ts";

export interface Read {
  readonly label: string;
  readonly declared: OperationOptions | undefined;
  readonly path: string;
  readonly absentOn404?: boolean;
  /** The id that is asked for; absent where it is searched. */
  readonly record?: string;
}

type Interpret = (answer: Answered) => Promise<unknown>;

/** What is larger is not kept, in characters. */
const mostCharacters = 65_536;

/**
 * Reads as the call's options say: with a `maxAge` what was answered before, if it is no older; with a `fallback` what that says when the provider is unavailable. Without
 * options nothing is kept and nothing is looked up.
 *
 * @throws `FALLBACK_TOO_OLD`, `FALLBACK_NOTHING_KNOWN`, `FALLBACK_UNAVAILABLE`, each with what failed as its cause; they wait where it would have waited.
 */
export async function readKnown(access: ResourceAccess, read: Read, options: unknown, interpret: Interpret): Promise<unknown> {
  const ask = (): Promise<Answered> => call(access, { ...read, method: "GET", operation: currentOperation() });
  if (options === undefined) return interpret(await ask());
  const maxAgeMs = readMaxAge(read.label, options);
  const hasFallback = maxAgeMs === undefined || memberOf(options, "fallback") !== undefined;
  const fallback = hasFallback ? readFallback(read.label, options, ["lastKnown", "error"]) : undefined;
  const cached = maxAgeMs === undefined ? undefined : await openCached(access, { ...read, key: keyOf(read), maxAgeMs }, interpret);
  if (cached?.known !== undefined)
    return fallback?.kind === "lastKnown" ? ({ ...cached.known, stale: false } satisfies Known<unknown>) : cached.known.value;
  const at = access.clock.now();
  let answered: Answered;
  let kept: string | null = null;
  let value: unknown;
  try {
    answered = await ask();
    value = await interpret(answered);
    kept = textOf(answered);
  } catch (error) {
    if (fallback === undefined || !isUnavailable(error)) throw error;
    if (fallback.kind !== "lastKnown") throw instead("FALLBACK_UNAVAILABLE", `${read.label}: the provider is unavailable.`, error);
    return await lastKnown(access, read, error, fallback.maxAgeMs, interpret);
  } finally {
    cached?.land(kept);
  }
  if (fallback?.kind !== "lastKnown") return value;
  if (kept !== null) access.lastKnown?.keep({ key: keyOf(read), value: kept, at });
  return { value, stale: false } satisfies Known<unknown>;
}

/** As it came, not as it was understood: it is understood anew by whatever schema there is then. Null: it is too large. */
function textOf({ status, body }: Answered): string | null {
  const text = JSON.stringify({ status, body });
  return text.length <= mostCharacters ? text : null;
}

async function lastKnown(
  access: ResourceAccess,
  read: Read,
  cause: BelayError,
  maxAgeMs: number,
  interpret: Interpret,
): Promise<Known<unknown>> {
  const found = await access.lastKnown?.find(keyOf(read));
  const { label } = read;
  if (found === undefined)
    throw instead("FALLBACK_NOTHING_KNOWN", `${label}: the provider is unavailable, and no earlier answer is known.`, cause);
  if (found.ageMs > maxAgeMs) {
    const text = `${label}: the provider is unavailable, and its last answer is ${Math.round(found.ageMs / 1_000)} s old.`;
    throw instead("FALLBACK_TOO_OLD", text, cause);
  }
  return { value: await interpret(answerOf(access, read, found.value)), stale: true, ageMs: found.ageMs };
}

/** Two calls are the same when they ask for the same: the path has the id, the filters and the version. */
function keyOf({ label, path }: Read): string {
  return `${label} ${path}`;
}
