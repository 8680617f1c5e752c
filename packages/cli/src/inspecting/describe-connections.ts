import type { ApiConnection } from "@belay/sdk/client";
import { readableTime, tableOf } from "./print.ts";

/** Connections as a table, those of one line each. */
export function describeConnections({ items, more }: { readonly items: readonly ApiConnection[]; readonly more: boolean }): string {
  const rows = items.map(({ id, tenant, title, state, code, expiresAt, refreshedAt, disabled }) => [
    id,
    tenant,
    title,
    stateInWords(state),
    readableTime(expiresAt),
    readableTime(refreshedAt),
    [...(code === null ? [] : [code]), ...(disabled.length === 0 ? [] : ["scopes are missing"])].join(", "),
  ]);
  const table = tableOf(["id", "tenant", "provider", "state", "expires", "refreshed", ""], rows, "No connections.");
  if (items.length === 0) return `${table} Make a link to connect one: belay connections link --tenant <tenant> --connector <id>`;
  return `${table}\n\n${more ? "There are more: --limit. " : ""}How one stands: belay connections show ${items[0]?.id ?? "<id>"}`;
}

/** One connection, a fact a line. */
export function describeConnection(connection: ApiConnection): string {
  const { id, title, tenant, state, code, account, connectedBy, scopes, disabled } = connection;
  const lines = [
    ["state", `${stateInWords(state)}${code === null ? "" : ` (${code})`}`],
    ["account", account === null ? "" : [account.name, account.id === null ? null : `id ${account.id}`].filter(Boolean).join(", ")],
    ["stands on", standsOn[connection.standsOn]],
    ["connected", readableTime(connection.connectedAt)],
    [
      "by",
      connectedBy === null
        ? ""
        : [connectedBy.userName ?? connectedBy.userId, `link made by ${connectedBy.actor}`].filter(Boolean).join(", "),
    ],
    ["expires", readableTime(connection.expiresAt)],
    ["refreshed", readableTime(connection.refreshedAt)],
    ["ends if idle", readableTime(connection.idleExpiresAt)],
    ["disconnected", readableTime(connection.disconnectedAt)],
    ["webhooks", connection.ingestPath ?? ""],
    ["events", connection.events.join(", ")],
    ["scopes", scopes.granted === null ? "" : scopes.granted.join(" ")],
  ].filter(([, value]) => value !== "");
  const width = Math.max(...lines.map(([name = ""]) => name.length));
  const facts = lines.map(([name = "", value = ""]) => `  ${name.padEnd(width)}  ${value}`);
  const uses = disabled.map(({ resource, use, missing }) => `  ${resource}: ${use} is missing ${missing.join(", ")}`);
  const reconnect = `\nReconnect it: belay connections link --tenant ${tenant} --connector ${connection.connector} --connection ${id}`;
  const needsPerson = state === "needs_reconnect" || state === "disconnected" || state === "expiring" || disabled.length > 0;
  return [
    `${title} of ${tenant}: ${id}`,
    ...facts,
    ...(uses.length === 0 ? [] : ["", "What does not work:", ...uses]),
    ...(needsPerson ? [reconnect] : []),
  ].join("\n");
}

const standsOn: Readonly<Record<ApiConnection["standsOn"], string>> = {
  person: "a person's access, which ends when they leave",
  application: "an application's own access",
  key: "a key; who made it is for the provider to say",
};

function stateInWords(state: ApiConnection["state"]): string {
  return state.replaceAll("_", " ");
}
