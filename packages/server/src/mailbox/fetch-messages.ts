import type { Db } from "../db/index.ts";
import { type Cipher, openEach, type Sealable } from "../vault/index.ts";
import type { Verdict } from "./active-mailbox.ts";
import type { LeasedRunner } from "./runner.ts";
import { payloadPurpose } from "./seal-work.ts";
import { type FetchRequest, fetchSealed, type SealedRow } from "./store.ts";
import type { Lease, Message } from "./types.ts";

/** The next messages of leased mailboxes, see `fetchSealed`, with their contents. One whose contents cannot be opened says so and costs no other. */
export async function fetchMessages(db: Db, cipher: Cipher, requests: readonly FetchRequest[]): Promise<Message[]> {
  const rows = await fetchSealed(db, requests);
  if (rows.length === 0) return [];
  const sealed = rows.flatMap((row) => [toPayload(row), ...Object.values(row.steps).map((result) => toResult(row, result))]);
  const opened = (await openEach(cipher, sealed)).values();
  return rows.map(({ payload: _payload, steps: sealedSteps, ...row }) => {
    let unreadable: Message["unreadable"];
    const next = (): string => {
      const { value } = opened.next();
      if (value !== undefined && "bytes" in value) return toText(value.bytes);
      if (value !== undefined) unreadable = value;
      return "";
    };
    const payload = next();
    const steps: Record<string, string> = {};
    // A step may be called "__proto__".
    for (const name of Object.keys(sealedSteps)) Object.defineProperty(steps, name, { value: next(), enumerable: true });
    return { ...row, payload, steps, ...(unreadable && { unreadable }) };
  });
}

/** What to fetch for a mailbox under lease. */
export function toFetchRequest({ tenant, mailbox, suspectUntil }: Lease, after: number, limit: number): FetchRequest {
  return { tenant, mailbox, after, limit, suspectUntil };
}

function toPayload({ tenant, payload }: SealedRow): Sealable {
  // What is gone was not sealed here.
  return { tenant, purpose: payloadPurpose, value: payload ?? new Uint8Array(0) };
}

function toResult({ tenant }: SealedRow, result: string): Sealable {
  return { tenant, purpose: "step.result", value: Buffer.from(result, "base64") };
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

const keyWaitMs = 15_000;
const hopeless: readonly string[] = ["VAULT_SEAL_BROKEN", "VAULT_KEYS_DESTROYED"];

/** Runs a message, unless it cannot be read: then a person looks at what is broken or gone for good, and a key that is not to be had may come. */
export async function runReadable(runner: LeasedRunner, message: Message): Promise<Verdict> {
  if (message.unreadable === undefined) return await runner.run(message);
  const { code, error } = message.unreadable;
  if (!hopeless.includes(code)) return { kind: "wait", waitMs: keyWaitMs, why: code, begun: false };
  await runner.giveUp?.(message, code);
  return { kind: "dead", code, error };
}
