/** The longest id, type or order key, in characters. */
export const longestKey = 512;

/** A number is a key as long as it is told apart from its neighbours: beyond 2^53 two events would become one. */
export function toText(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}

// oxlint-disable-next-line no-control-regex
const controlCode = /[\u0000-\u001f\u007f]/;

/** Control codes and lone surrogates are refused: Postgres stores no NUL, and no provider's id has the others. */
export function isKey(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= longestKey && value.isWellFormed() && !controlCode.test(value);
}
