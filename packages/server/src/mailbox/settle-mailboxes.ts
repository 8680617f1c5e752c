import type { Db } from "../db/index.ts";
import { insertReferences } from "../references/index.ts";
import type { Cipher } from "../vault/index.ts";
import { compareMailboxes } from "./commit-messages.ts";
import { reviewPauseMs } from "./pauses.ts";
import { sealTexts } from "./sealed-texts.ts";
import {
  type BlockRow,
  blockKeys,
  buryMessages,
  deleteSteps,
  ensureBlocks,
  finishMessages,
  forgiveMessages,
  type HandBackRow,
  type HandedBack,
  handBack,
  holdMessages,
  type MessageKey,
  parkMessages,
  raiseVersions,
  rescheduleMailboxes,
  retryMessages,
  suspectMessages,
  unblockKeys,
} from "./settle-store.ts";
import type { MailboxKey, Message, Result, Settlement } from "./types.ts";

export interface Settled {
  /** Mailboxes whose lease had gone to another worker: nothing was written for them. */
  readonly lost: readonly MailboxKey[];
  /** Mailboxes that were given back and are due at once. */
  readonly due: readonly MailboxKey[];
  /** Mailboxes that were not given back as asked, because new messages have come: they are leased anew, under another token. */
  readonly kept: readonly (MailboxKey & { readonly token: number })[];
}

/**
 * Writes down how messages ended and keeps or returns the leases, for any number of mailboxes in one transaction. Only what was done under a
 * lease that still holds counts: the token decides, under the mailbox's row lock. Settling the same twice changes nothing the second time.
 */
export async function settleMailboxes(db: Db, cipher: Cipher, settlements: readonly Settlement[], leaseMs: number): Promise<Settled> {
  const sorted = settlements.toSorted(compareMailboxes);
  const rows = sorted.map(toHandBack);
  const errors = await sealErrors(cipher, settlements);
  return await db.transaction().execute(async (tx) => {
    const handedBack = await handBack(tx, rows, leaseMs);
    const settled = toSettled(sorted, handedBack);
    const lost = new Set(settled.lost);
    const { blocksChanged } = await writeResults(
      tx,
      sorted.filter((settlement) => !lost.has(settlement)).flatMap(({ results }) => results),
      errors,
    );
    // When a mailbox was given back, its first block was another one; still under its lock, this puts it right.
    if (blocksChanged.length > 0) await rescheduleMailboxes(tx, blocksChanged);
    return settled;
  });
}

/** What failed results say, in base64. */
type SealedErrors = ReadonlyMap<Result, string>;

/** Before the transaction: a tenant's key may have to be read. */
async function sealErrors(cipher: Cipher, settlements: readonly Settlement[]): Promise<SealedErrors> {
  const failed = settlements.flatMap(({ results }) => ofKind(results, ["dead", "retry"]));
  if (failed.length === 0) return new Map();
  const sealed = await sealTexts(
    cipher,
    "message.error",
    failed.map(({ message: { tenant }, error }) => ({ tenant, value: toStorableText(error) })),
  );
  return new Map(failed.map((result, index) => [result, sealed[index] ?? ""]));
}

function toSettled(settlements: readonly Settlement[], handedBack: readonly HandedBack[]): Settled {
  const held = new Set(handedBack.map(toText));
  return {
    lost: settlements.filter((settlement) => !held.has(toText(settlement))),
    due: handedBack.filter(({ due }) => due),
    kept: handedBack.filter(({ kept }) => kept),
  };
}

function hasSteps(result: Result): boolean {
  return Object.keys(result.message.steps).length > 0 || (result.kind === "delivered" && result.stepped);
}

async function writeResults(
  tx: Db,
  results: readonly Result[],
  errors: SealedErrors,
): Promise<{ readonly blocksChanged: readonly MailboxKey[] }> {
  const finished = ofKind(results, ["delivered", "superseded"]);
  const dead = ofKind(results, ["dead"]);
  const retries = ofKind(results, ["retry"]);
  const parked = ofKind(results, ["park"]);
  const held = ofKind(results, ["hold"]).map(({ message }) => message);
  const suspended = ofKind(results, ["suspend"]);
  const forgiven = ofKind(results, ["forgive"]);

  for (const outcome of ["delivered", "superseded"] as const) {
    const rows = finished.filter(({ kind }) => kind === outcome).map(({ message }) => toKey(message));
    if (rows.length > 0) await finishMessages(tx, rows, outcome);
  }
  const stepped = finished.filter(hasSteps);
  if (stepped.length > 0)
    await deleteSteps(
      tx,
      stepped.map(({ message }) => toKey(message)),
    );
  const versions = newestVersions(ofKind(results, ["delivered"]).map(({ message }) => message));
  if (versions.length > 0) await raiseVersions(tx, versions);
  if (dead.length > 0)
    await buryMessages(
      tx,
      dead.map((result) => ({ ...toKey(result.message), code: toStorableText(result.code), error: errors.get(result) ?? "" })),
    );
  if (suspended.length > 0)
    await suspectMessages(
      tx,
      suspended.map(({ message }) => toKey(message)),
    );
  if (forgiven.length > 0)
    await forgiveMessages(
      tx,
      forgiven.map(({ message }) => toKey(message)),
    );
  if (retries.length > 0) {
    await retryMessages(
      tx,
      retries.map((result) => ({
        ...toKey(result.message),
        attempts: result.message.attempts + 1,
        outage: result.outage === true,
        code: toStorableText(result.code),
        error: errors.get(result) ?? "",
      })),
    );
    await blockKeys(tx, distinctBlocks(retries.map(({ message, afterMs }) => toBlock(message, toPauseMs(afterMs)))));
  }
  if (parked.length > 0) {
    await parkMessages(
      tx,
      parked.map(({ message }) => toKey(message)),
    );
    await ensureBlocks(tx, distinctBlocks(parked.map(({ message }) => toBlock(message, 0))));
  }
  if (held.length > 0) {
    await holdMessages(tx, held.map(toKey));
    await blockKeys(tx, distinctBlocks(held.map((message) => toBlock(message, reviewPauseMs))));
  }
  const references = results.flatMap(({ message, fingerprints = [] }) =>
    fingerprints.map((fingerprint) => ({ tenant: message.tenant, message: message.id, fingerprint })),
  );
  if (references.length > 0) await insertReferences(tx, references);
  const blockedAgain = new Set([...retries.map(({ message }) => message), ...held].map((message) => toText(message) + message.orderKey));
  const cleared = [...finished, ...dead].filter(({ message }) => message.parked && !blockedAgain.has(toText(message) + message.orderKey));
  if (cleared.length > 0) await unblockKeys(tx, distinctBlocks(cleared.map(({ message }) => toBlock(message, 0))));
  return { blocksChanged: distinctMailboxes([...[...retries, ...parked, ...cleared].map(({ message }) => message), ...held]) };
}

function ofKind<K extends Result["kind"]>(results: readonly Result[], kinds: readonly K[]): Extract<Result, { kind: K }>[] {
  return results.filter((result): result is Extract<Result, { kind: K }> => (kinds as readonly string[]).includes(result.kind));
}

function toText({ tenant, mailbox }: MailboxKey): string {
  return `${tenant}\n${mailbox}\n`;
}

function toKey({ tenant, mailbox, id }: Message): MessageKey {
  return { tenant, mailbox, id };
}

function toBlock({ tenant, mailbox, orderKey }: Message, afterMs: number): BlockRow {
  return { tenant, mailbox, order_key: orderKey, after_ms: afterMs };
}

/** One row per order key: `on conflict` must not meet a key twice in one statement. */
function distinctBlocks(rows: readonly BlockRow[]): BlockRow[] {
  return [...new Map(rows.map((row) => [toText(row) + row.order_key, row])).values()];
}

function newestVersions(messages: readonly Message[]): Parameters<typeof raiseVersions>[1] {
  const newest = new Map<string, { tenant: string; flow: string; order_key: string; version: number }>();
  for (const { tenant, flow, orderKey, version } of messages) {
    if (version === null) continue;
    const key = `${tenant}\n${flow}\n${orderKey}`;
    if ((newest.get(key)?.version ?? Number.NEGATIVE_INFINITY) < version) newest.set(key, { tenant, flow, order_key: orderKey, version });
  }
  return [...newest.values()];
}

function distinctMailboxes(messages: readonly Message[]): MailboxKey[] {
  return [...new Map(messages.map((message) => [toText(message), { tenant: message.tenant, mailbox: message.mailbox }])).values()].toSorted(
    compareMailboxes,
  );
}

function toHandBack({ tenant, mailbox, token, head, extend, release }: Settlement): HandBackRow {
  return {
    tenant,
    mailbox,
    token,
    head,
    extend,
    release: release !== undefined,
    more: release?.more ?? false,
    wait_ms: release?.waitMs === undefined ? null : toPauseMs(release.waitMs),
    why: release?.why === undefined ? null : toStorableText(release.why),
  };
}

const longestError = 2_000;

/** A far end may ask for anything, and a refused settlement would stop its mailbox: what is no time counts as a minute, a month is the longest. */
function toPauseMs(ms: number): number {
  return Number.isNaN(ms) ? 60_000 : Math.min(Math.max(ms, 0), 30 * 86_400_000);
}

/** Postgres refuses NUL and lone surrogates in text; codes and messages of errors are the flow's own and may hold anything. */
function toStorableText(text: string): string {
  return text.slice(0, longestError).toWellFormed().replaceAll("\0", "\uFFFD");
}
