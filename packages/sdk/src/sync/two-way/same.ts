import { canonicalJson } from "../canonical-json.ts";

/** Whether two values are one: what is missing is as good as null, and the order of members does not count. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const [left, right] = [one ?? null, other ?? null];
  if (typeof left !== "object" && typeof right !== "object") return left === right;
  return canonicalJson(left) === canonicalJson(right);
}

/** Whether there is something: what one side never filled in says nothing against the other. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
