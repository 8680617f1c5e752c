import { valueAt } from "@belay/sdk";
import type { Endpoint } from "../catalog/index.ts";

/** What an event says has changed. */
export interface ToldRecord {
  readonly resource: string;
  /** Its id; null: it cannot be said which one. */
  readonly record: string | null;
}

/** The record that an event tells of, as far as the connector says that. */
export function toldRecord(
  { webhooks: { subjects }, connector }: Pick<Endpoint, "webhooks" | "connector">,
  type: string,
  payload: unknown,
): ToldRecord | undefined {
  const subject = subjects !== undefined && Object.hasOwn(subjects, type) ? subjects[type] : undefined;
  const resource = subject?.resource === undefined ? undefined : connector.resources[subject.resource];
  if (subject?.resource === undefined || resource === undefined) return undefined;
  const [id = ""] = subject.keys;
  const value = id === resource.id ? valueAt(payload, `${subject.path}.${id}`) : undefined;
  const known = typeof value === "string" || typeof value === "number";
  return { resource: subject.resource, record: known ? String(value) : null };
}
