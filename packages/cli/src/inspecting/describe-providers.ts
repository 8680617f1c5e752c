import type { ApiProvider } from "@belay/sdk/client";
import { readableTime, tableOf } from "./print.ts";

const states = { closed: "called", open: "away", "half-open": "away, being probed" } as const satisfies Record<
  ApiProvider["state"],
  string
>;

/** Providers as a table; below it the connections that fail by themselves. */
export function describeProviders(providers: readonly ApiProvider[]): string {
  const rows = providers.map(({ provider, state, since, nextProbeAt, connections, tenants, waitingMailboxes, failing }) => [
    provider,
    states[state],
    readableTime(since),
    readableTime(nextProbeAt),
    `${connections} of ${tenants} ${tenants === 1 ? "tenant" : "tenants"}`,
    String(waitingMailboxes),
    failing.length === 0 ? "" : `${failing.length} ${failing.length === 1 ? "connection fails" : "connections fail"} alone`,
  ]);
  const table = tableOf(
    ["provider", "state", "since", "next probe", "connections", "queues that wait", ""],
    rows,
    "No connections, so no providers.",
  );
  const failing = providers.flatMap(({ provider, failing: alone }) =>
    alone.map(({ tenant, connection, since, nextProbeAt }) => [
      connection,
      tenant,
      provider,
      readableTime(since),
      readableTime(nextProbeAt),
    ]),
  );
  return failing.length === 0
    ? table
    : `${table}\n\n${tableOf(["connection", "tenant", "provider", "failing since", "next probe"], failing, "")}`;
}
