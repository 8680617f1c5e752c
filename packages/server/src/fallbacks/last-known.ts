import type { KeptAnswer, KnownAnswer, LastKnown } from "@belay/sdk/http";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { findKnown, upsertKnown } from "./store.ts";

export interface LastKnownParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What calls were answered with last, in the database. */
export interface LastKnownBook extends LastKnown {
  /** Writes what is left. Calling it twice is safe. */
  close(): Promise<void>;
}

type Asked = Pick<KeptAnswer, "tenant" | "connection" | "key">;

const writeEveryMs = 500;
/** More of them wait only while the database is away: then the oldest are given up. */
const mostWaiting = 2_000;
const purpose = "last_known.value";

/** Keeps answers, a few times a second in one statement; of a call that was made often meanwhile only the newest. */
export function openLastKnown({ db, cipher, clock, logger }: LastKnownParts): LastKnownBook {
  const stop = new AbortController();
  let waiting = new Map<string, KeptAnswer>();
  let wake = Promise.withResolvers<void>();
  const write = async (): Promise<void> => {
    const answers = [...waiting.values()];
    if (answers.length === 0) return;
    waiting = new Map();
    try {
      await store(db, cipher, clock, answers);
    } catch (error) {
      logger.warn({ error, answers: answers.length }, "Last known answers could not be kept; calls that fall back find older ones.");
    }
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await wake.promise;
      await clock.sleep(writeEveryMs, stop.signal).catch(() => undefined); // stopped: what is left is written below
      wake = Promise.withResolvers();
      await write();
    }
  };
  const running = loop();
  return {
    keep(answer) {
      const name = nameOf(answer);
      const before = waiting.get(name);
      if (before !== undefined && before.at > answer.at) return;
      waiting.delete(name);
      waiting.set(name, answer);
      const [oldest] = waiting.keys();
      if (waiting.size > mostWaiting && oldest !== undefined) waiting.delete(oldest);
      wake.resolve();
    },
    async find(asked) {
      const fresh = waiting.get(nameOf(asked));
      if (fresh !== undefined) return { value: fresh.value, ageMs: clock.now() - fresh.at };
      try {
        return await look(db, cipher, asked);
      } catch (error) {
        logger.warn({ error, tenant: asked.tenant }, "A last known answer could not be looked up.");
        return undefined;
      }
    },
    close: async () => {
      stop.abort();
      wake.resolve();
      await running;
      await write();
    },
  };
}

async function store(db: Db, cipher: Cipher, clock: Clock, answers: readonly KeptAnswer[]): Promise<void> {
  const keys = await keysOf(cipher, answers);
  const sealed = await cipher.seal(answers.map(({ tenant, value }) => ({ tenant, purpose, value: Buffer.from(value) })));
  const now = clock.now();
  const rows = answers.map(({ tenant, at }, index) => ({
    tenant,
    key: keys[index] ?? "",
    value: Buffer.from(sealed[index] ?? []).toString("hex"),
    heldMs: Math.max(0, now - at),
  }));
  await upsertKnown(db, rows);
}

async function look(db: Db, cipher: Cipher, asked: Asked): Promise<KnownAnswer | undefined> {
  const [key = ""] = await keysOf(cipher, [asked]);
  const [row] = await findKnown(db, [{ tenant: asked.tenant, key }]);
  if (row === undefined) return undefined;
  const [opened] = await openEach(cipher, [{ tenant: asked.tenant, purpose, value: row.value }]);
  if (opened === undefined || !("bytes" in opened)) return undefined;
  return { value: Buffer.from(opened.bytes).toString(), ageMs: Math.max(0, Math.ceil(row.ageMs)) };
}

/** Hexadecimal, in the same order. */
async function keysOf(cipher: Cipher, asked: readonly Asked[]): Promise<string[]> {
  const values = asked.map(({ tenant, connection, key }) => ({ tenant, value: JSON.stringify(["last-known", connection, key]) }));
  return (await cipher.fingerprint(values)).map((bytes) => Buffer.from(bytes).toString("hex"));
}

function nameOf({ tenant, connection, key }: Asked): string {
  return JSON.stringify([tenant, connection, key]);
}
