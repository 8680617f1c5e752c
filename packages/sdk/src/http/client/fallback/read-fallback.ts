import { isDuration, toMs } from "../../../duration.ts";
import { httpError } from "../../errors.ts";
import { memberOf } from "../decode-record.ts";

export type Fallback = { readonly kind: "lastKnown"; readonly maxAgeMs: number } | { readonly kind: "queue" } | { readonly kind: "error" };

/** Answers are kept for so long. */
const longestKnownMs = toMs("7d");

const examples = {
  lastKnown: '{ lastKnown: { maxAge: "1h" } } of at most 7 days',
  queue: "{ queue: true }",
  error: "{ error: true }",
} as const;

/** What a call says of its fallback. @throws `CLIENT_INPUT_INVALID` where it is none that this kind of call can have. */
export function readFallback(label: string, options: unknown, allowed: readonly Fallback["kind"][]): Fallback {
  const given = memberOf(options, "fallback");
  const kind = allowed.find((name) => memberOf(given, name) !== undefined);
  const fallback = kind === undefined ? undefined : readKind(kind, memberOf(given, kind));
  if (fallback !== undefined && Object.keys(given ?? {}).length === 1) return fallback;
  const remedy = `fallback: give ${allowed.map((name) => examples[name]).join(" or ")}.`;
  throw httpError("CLIENT_INPUT_INVALID", `${label}, ${remedy}`, { details: { paths: ["fallback"] } });
}

function readKind(kind: Fallback["kind"], value: unknown): Fallback | undefined {
  if (kind !== "lastKnown") return value === true ? { kind } : undefined;
  const maxAge = memberOf(value, "maxAge");
  if (!isDuration(maxAge)) return undefined;
  const maxAgeMs = toMs(maxAge);
  return maxAgeMs <= longestKnownMs ? { kind, maxAgeMs } : undefined;
}
