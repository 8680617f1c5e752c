import type { PauseOrder } from "@belay/sdk/client";

/** What was paused, and the command that lets just that go on. */
export function describePaused(order: PauseOrder): string {
  const { scope, id, tenant } = order;
  const of = tenant === undefined ? "" : ` --tenant ${tenant}`;
  return `Paused: ${nameOfPause(order)}. It goes on with: belay resume ${scope} ${id}${of}`;
}

/** What is meant: one that is paused for a tenant is another than that for all. */
export function nameOfPause({ scope, id, tenant }: PauseOrder): string {
  return `${scope} ${id}${tenant === undefined ? "" : ` of ${tenant}`}`;
}
