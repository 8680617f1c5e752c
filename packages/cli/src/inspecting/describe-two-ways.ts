import type { ApiToldLink, ApiTwoWay, ApiTwoWayConflict, ApiTwoWayLink, ApiTwoWayThing } from "@belay/sdk/client";
import { readableTime, shortened, tableOf } from "./print.ts";
import { sideBySide, textOf } from "./side-by-side.ts";

type Side = ApiTwoWay["a"];

/** Two-way syncs as a table, and where to go on. */
export function describeTwoWays(items: readonly ApiTwoWay[], more: boolean): string {
  const table = tableOf(
    ["two-way", "tenant", "a", "b", "state", "equal", "waiting", "held", "failed", "gone", "conflicts"],
    items.map((one) => [
      one.twoWay,
      one.tenant,
      sideName(one.a),
      sideName(one.b),
      stateOf(one),
      String(one.links.equal),
      String(one.links.waiting),
      String(one.links.held),
      String(one.links.failed),
      String(one.links.gone),
      String(one.conflicts),
    ]),
    "No two-way syncs: a configuration names them with twoWays: [defineTwoWay({ … })], and tenants take part that have a connection of both sides.",
  );
  return [table, ...nextSteps(items, more)].join("\n\n");
}

function nextSteps(items: readonly ApiTwoWay[], more: boolean): string[] {
  const [failed, held] = [items.find(({ links }) => links.failed > 0), items.find(({ conflicts }) => conflicts > 0)];
  return [
    ...(more ? ["There are more: --limit."] : []),
    ...(failed === undefined
      ? []
      : [`What was given up, and why: belay two-ways links ${failed.twoWay} --tenant ${failed.tenant} --stands failed`]),
    ...(held === undefined ? [] : [`What waits for a decision: belay conflicts --tenant ${held.tenant}`]),
  ];
}

function sideName({ connection, connector }: Side): string {
  return connection ?? `(${connector})`;
}

function stateOf({ blocked, behind, a, b, tenant }: ApiTwoWay): string {
  if (blocked !== null) {
    const { connector } = blocked.side === "a" ? a : b;
    return `blocked: ${tenant} has ${blocked.why === "no-connection" ? "no connection" : "several connections"} to ${connector}`;
  }
  if (behind === null) return "begins";
  return behind === 0 ? "runs" : `runs, ${behind} changes to look at`;
}

/** Things of a two-way sync as a table. */
export function describeLinks(items: readonly ApiTwoWayLink[], more: boolean, { tenant, twoWay, a, b }: ApiTwoWay): string {
  const table = tableOf(
    ["thing", "stands", `at ${sideName(a)}`, `at ${sideName(b)}`, "merged", "why"],
    items.map((link) => [link.record, link.stands, link.a ?? "", link.b ?? "", readableTime(link.at), whyOf(link, { a, b, tenant })]),
    "There are none.",
  );
  const [first] = items;
  if (first === undefined) return table;
  const others = more ? "There are more: --limit. " : "";
  return `${table}\n\n${others}What both sides have of one, and why: belay two-ways show ${twoWay} ${first.record} --tenant ${tenant}`;
}

function whyOf({ awaits, code }: ApiTwoWayLink, sides: Pick<ApiTwoWay, "a" | "b" | "tenant">): string {
  if (awaits !== null && code === "TWO_WAY_REVIEW_OPEN") return `somebody has to say what it is: belay identity --tenant ${sides.tenant}`;
  const looked = awaits === null ? [] : [`is looked for at ${sideName(sides[awaits])} before it is created there`];
  return [...looked, ...(code === null ? [] : [code])].join("; ");
}

/** One thing: what both sides have of it, what was agreed, and what to do. */
export function describeThing(thing: ApiTwoWayThing, told: ApiToldLink, twoWay: ApiTwoWay): string {
  const { record, stands, a, b, holds, held, message } = thing;
  const lines = [told.happened, told.meaning, told.remedy].filter((text) => text !== null);
  // To be passed on as it is.
  if (told.register === "tenant") return lines.join("\n");
  const columns = (["a", "b"] as const).map((name) => {
    const side = name === "a" ? a : b;
    if (side === null) return { title: `${name}: nothing at ${sideName(twoWay[name])}`, data: null };
    const isGone = side.data === null ? " (deleted)" : side.merged ? "" : " (to be merged)";
    return { title: `${name}: ${side.resource} ${side.externalId} at ${side.connection}${isGone}`, data: side.data };
  });
  const table = sideBySide([...columns, ...(holds === null ? [] : [{ title: "agreed", data: holds }])]);
  const ofTenant = `--tenant ${thing.tenant}`;
  const failed = [
    ...(message === null ? [] : [`Every attempt: belay dead-letters show ${message}`]),
    `Try it again: belay two-ways retry ${thing.twoWay} --record ${record} ${ofTenant}`,
  ];
  const conflicts = held.map((field) => `Decide ${field}: belay conflicts decide ${thing.twoWay} ${record} ${field} ${ofTenant} --side a`);
  return [
    `${record}: ${stands}${told.code === null ? "" : ` (${told.code})`}`,
    ...lines,
    "",
    table,
    "",
    ...(stands === "failed" ? failed : []),
    ...conflicts,
  ].join("\n");
}

/** Conflicts as a table, and how one is decided. */
export function describeConflicts(items: readonly ApiTwoWayConflict[], more: boolean): string {
  const table = tableOf(
    ["two-way", "tenant", "thing", "field", "a", "b", "both had", "found", "decided"],
    items.map((one) => [
      one.twoWay,
      one.tenant,
      one.record,
      one.field,
      textOf(one.a),
      textOf(one.b),
      textOf(one.base),
      readableTime(one.at),
      one.decidedBy === null ? "" : `by ${one.decidedBy}`,
    ]),
    "No conflicts: nothing waits for a decision.",
  );
  const open = items.find(({ decidedBy }) => decidedBy === null);
  if (open === undefined) return table;
  const { twoWay, record, field, tenant } = open;
  const decide = `belay conflicts decide ${twoWay} ${record} ${field} --tenant ${tenant} --side a`;
  return `${table}\n\n${more ? "There are more: --limit. " : ""}What a has is to hold: ${decide}\nOr --side b, or --value with another one.`;
}

/** What was decided, shortened. */
export function describeDecided(field: string, record: string, what: string): string {
  return `${field} of ${record} is to be ${shortened(what, 80)}. It is written to both sides by the next message: belay two-ways shows how they stand.`;
}
