import type { Notice } from "./notice.ts";

/** A secret, and since when it is what it is. */
export interface Aged {
  readonly tenant: string;
  /** What the runbook calls it: `oauthClients.crm`, `API key 3f9a…`. */
  readonly name: string;
  readonly since: Date;
  /** How it is rotated. */
  readonly remedy: string;
}

const dayMs = 86_400_000;

/** Those that are due. The date stands in the words and not the age, which would be others every day. */
export function judgeAges(secrets: readonly Aged[], now: number, rotateAfterDays: number): Notice[] {
  return secrets
    .filter(({ since }) => now - since.getTime() >= rotateAfterDays * dayMs)
    .map(({ tenant, name, since, remedy }) => ({
      tenant,
      kind: "rotation-due",
      subject: name,
      what: `${name} has been the same since ${since.toISOString().slice(0, 10)}, longer than ${rotateAfterDays} days.`,
      remedy: `${remedy} See docs/guide/rotation.md.`,
    }));
}
