import { BelayError } from "../errors/belay-error.ts";
import { placeOf } from "./place.ts";

/** Refuses a definition: the field as a path, what was found there, what to write instead. */
export type Refuse = (field: string, found: string | undefined, remedy: string) => never;

type DefinitionCode =
  | "SDK_CONNECTOR_INVALID"
  | "SDK_FLOW_INVALID"
  | "SDK_SYNC_INVALID"
  | "SDK_BATCH_INVALID"
  | "SDK_VIEW_INVALID"
  | "SDK_CONFIG_INVALID";

/**
 * Makes the errors of one definition. The text has the same four parts each time: what, where in it, what was found and the remedy; then
 * the file and line of the definition. `details` has them apart.
 */
export function refuser(code: DefinitionCode, what: string, define: (...parameters: never[]) => unknown): Refuse {
  const place = placeOf(define);
  return (field, found, remedy) => {
    const facts = [`${what}, ${field}`, ...(found === undefined ? [] : [`found ${found}`])].join(": ");
    const where = place === undefined ? "" : ` (${place.file}:${place.line})`;
    throw new BelayError(code, `${facts}. ${remedy}${where}`, {
      details: { field, ...(found === undefined ? {} : { found }), remedy, ...place },
    });
  };
}

/** A value as the reader of an error knows it; long texts are cut, nothing inside of objects is shown. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  return typeof value === "number" || typeof value === "boolean" || value === null ? String(value) : describeKind(value);
}

/** The same for what may be secret. */
export function describeKind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const names: Readonly<Record<string, string | undefined>> = { string: "a text", function: "a function", object: "an object" };
  return names[typeof value] ?? `a ${typeof value}`;
}

/** The known name that was probably meant: a slip of a letter or two, another case, or a part of it. */
function closest(name: string, known: readonly string[]): string | undefined {
  const [plain, most] = [name.toLowerCase(), Math.max(1, Math.floor(name.length / 3))];
  const ranked = known
    .map((candidate) => ({ candidate, steps: distance(plain, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.steps - b.steps);
  const [best] = ranked;
  if (best !== undefined && best.steps <= most) return best.candidate;
  return known.find((candidate) => name.length >= 3 && candidate.toLowerCase().startsWith(plain));
}

/** "did you mean" or the list of what there is. */
export function suggest(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  return known.length === 0 ? "Leave it out: there is none." : `Use one of ${known.join(", ")}.`;
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const above = rows[i - 1] ?? [];
      const same = a[i - 1] === b[j - 1];
      const steps = [(above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1)];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) steps.push((rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(Math.min(...steps));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
