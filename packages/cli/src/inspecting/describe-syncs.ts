import type { ApiPendingDelete, ApiRecordTrouble, ApiSync, ApiUndoneDeletes, ApiWalk } from "@belay/sdk/client";
import { counted, readableSeconds, readableTime, shortened, tableOf } from "./print.ts";

/** For so long a page may be on its way, with its attempts, before a walk is said to stand still. */
const stillMs = 120_000;

/** Syncs as a table. `narrowed`: only some were asked for. */
export function describeSyncs(syncs: readonly ApiSync[], { now = new Date(), narrowed = false } = {}): string {
  return tableOf(
    ["sync", "connection", "tenant", "state", "records", "troubles", "last complete", "proven", "next"],
    syncs.map((sync) => [
      sync.sync,
      sync.connection,
      sync.tenant,
      stateOf(sync, now),
      String(sync.records),
      String(sync.troubles),
      readableTime(sync.lastCompleteAt),
      readableTime(sync.lastProvenAt),
      sync.state === "paused" ? "" : readableTime(sync.nextDue),
    ]),
    narrowed ? "No syncs there: belay syncs shows all." : "No syncs: a configuration names them with syncs: [defineSync({ … })].",
  );
}

function stateOf({ sync, tenant, state, walk, deletesHeld, pausedWhy }: ApiSync, now: Date): string {
  const held = deletesHeld === 0 ? "" : `, ${deletesWait(deletesHeld)}`;
  if (state === "paused") return `paused: ${shortened(pausedWhy ?? "", 30)}${held}`;
  if (state === "walking" && walk !== null) {
    const share = walk.share === null ? `${walk.seen} seen` : `${Math.floor(walk.share * 100)} %`;
    // Its last pace says nothing then, and why it stands is with its message.
    if (now.getTime() - Date.parse(walk.movedAt) > stillMs)
      return `walking (${walk.kind}): ${share}, no page since ${readableTime(walk.movedAt, now)}: see belay messages --flow ${sync} --tenant ${tenant}${held}`;
    const eta = walk.etaSeconds === null ? "" : `, ${readableSeconds(walk.etaSeconds)} left`;
    return `walking (${walk.kind}): ${share}${eta}${held}`;
  }
  if (state === "idle" && walk !== null && walk.state !== "complete") return `${walk.state}: ${walk.code ?? ""}${held}`;
  return `${state}${held}`;
}

function deletesWait(count: number): string {
  return `${counted(count, "delete")} ${count === 1 ? "waits" : "wait"} for approval`;
}

/** One sync at a connection, with its walks and what could not be taken. */
export function describeSync(sync: ApiSync, walks: readonly ApiWalk[], troubles: readonly ApiRecordTrouble[]): string {
  const walkTable = tableOf(
    ["walk", "kind", "state", "began", "took", "seen", "new", "changed", "same", "deleted", "troubled", "proof"],
    walks.map((walk) => [
      String(walk.id),
      walk.kind,
      walk.code === null ? walk.state : `${walk.state}: ${walk.code}`,
      readableTime(walk.startedAt),
      `${(walk.tookMs / 1_000).toFixed(1)} s`,
      String(walk.seen),
      String(walk.created),
      String(walk.updated),
      String(walk.unchanged),
      String(walk.deleted),
      String(walk.troubled),
      walk.proof === null ? (walk.whyNoProof ?? "") : walk.proof.kind,
    ]),
    "It has not walked yet.",
  );
  const troubleTable = tableOf(
    ["record", "code", "reason"],
    troubles.map(({ externalId, code, reason }) => [externalId, code, shortened(reason ?? "", 80)]),
    "",
  );
  const parts = [describeSyncs([sync]), walkTable, ...(troubles.length === 0 ? [] : [`Not taken:\n${troubleTable}`])];
  return [...parts, ...nextSteps(sync)].join("\n\n");
}

/** Why it stands still, in full, and what can be done about it. */
function nextSteps({ sync, connection, pausedAt, pausedBy, pausedWhy, deletesHeld, deletesHeldUntil }: ApiSync): string[] {
  const at = atConnection(sync, connection);
  const steps: string[] = [];
  if (pausedAt !== null)
    steps.push(`Paused by ${pausedBy ?? ""} at ${readableTime(pausedAt)}: ${pausedWhy ?? ""}\nIt goes on with: belay syncs resume ${at}`);
  if (deletesHeld > 0)
    steps.push(
      `${deletesWait(deletesHeld)} until ${readableTime(deletesHeldUntil)}: more than the sync deletes by itself.\nWhich: belay syncs deletes ${at}\nDelete: belay syncs approve ${at}\nKeep: belay syncs refuse ${at}`,
    );
  return steps;
}

/** Records that wait to be deleted. */
export function describePending(
  { sync, connection, deletesHeld }: ApiSync,
  { items, more }: { readonly items: readonly ApiPendingDelete[]; readonly more: boolean },
): string {
  const table = tableOf(
    ["provider's id", "record", "why", "walk"],
    items.map(({ externalId, record, why, walk }) => [
      externalId,
      record ?? "gone already",
      why === "missing" ? "not seen by a whole walk" : "named as deleted, or left out by the mapping",
      String(walk),
    ]),
    `Nothing of ${sync} waits at ${connection} to be deleted.`,
  );
  return more ? `${table}\n\nThere are ${deletesHeld}; --limit shows more.` : table;
}

/** Names one sync where it runs for many tenants: without, a command is for all of them. */
export function atConnection(sync: string, connection: string): string {
  return `${sync} --connection ${connection}`;
}

/** What became of records that a walk had deleted, and what is to be done next. */
export function describeUndone(sync: string, { connection }: ApiSync, { restored, leftAlone, records, paused }: ApiUndoneDeletes): string {
  const lines = [`${counted(restored, "record")} of ${sync} at ${connection} ${restored === 1 ? "is" : "are"} back.`];
  if (leftAlone > 0) {
    const table = tableOf(
      ["record", "why"],
      records.map(({ externalId, why }) => [externalId, why]),
      "",
    );
    lines.push(`Left alone: ${leftAlone}.\n${table}`);
  }
  if (paused)
    lines.push(
      `The sync is paused, so that its next walk does not delete them again. It goes on with: belay syncs resume ${atConnection(sync, connection)}`,
    );
  return lines.join("\n");
}
