import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { AuditContent } from "./entry.ts";
import { RefusalLimit } from "./limit-refusals.ts";
import { addressOwner, addressPurpose } from "./read-entries.ts";
import { appendEntries } from "./store.ts";

/** What happened, before it has its place in the chain. */
export interface AuditFact extends Omit<AuditContent, "at" | "count" | "address"> {
  /** The network address that it was asked from, in the clear; it is sealed. */
  readonly address?: string | undefined;
}

/** A fact whose address is sealed: fit for a transaction, in which nothing may be sealed. */
export type PreparedFact = Omit<AuditContent, "at">;

export interface AuditLog {
  /** Writes down and resolves when that is committed; many that come at once share a transaction. @throws `AUDIT_UNWRITTEN`. */
  write(fact: AuditFact): Promise<void>;
  /** Writes down that somebody was kept out, without waiting; a flood of refusals is counted, not written down one by one. Never throws. */
  refuse(fact: AuditFact): void;
  /** Makes a fact fit for `append`: outside any transaction. */
  prepare(fact: AuditFact): Promise<PreparedFact>;
  /** Writes down in the transaction of the change that is told of: as its last statement, since others wait for it from then on. */
  append(tx: Db, fact: PreparedFact): Promise<void>;
  /** Writes what is left. Calling it twice is safe. */
  close(): Promise<void>;
}

/** Seals a text for a purpose. The vault's cipher is one. */
export type Seal = (
  items: readonly { readonly tenant: string; readonly purpose: string; readonly value: Uint8Array }[],
) => Promise<Uint8Array[]>;

interface Waiting {
  readonly fact: PreparedFact;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

const mostOfTransaction = 200;

/** Opens the audit log of a process. */
export function openAudit({ db, seal, clock, logger }: { db: Db; seal: Seal; clock: Clock; logger: Logger }): AuditLog {
  const limit = new RefusalLimit();
  const stop = new AbortController();
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, mostOfTransaction);
      try {
        await db.transaction().execute(
          async (tx) =>
            await appendEntries(
              tx,
              batch.map(({ fact }) => fact),
            ),
        );
        for (const { written } of batch) written();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    writing = undefined;
  };
  const enqueue = async (fact: PreparedFact): Promise<void> => {
    await new Promise<void>((written, failed) => {
      waiting.push({ fact, written, failed });
      writing ??= drain();
    });
  };
  const prepare = async ({ address, ...fact }: AuditFact): Promise<PreparedFact> => ({
    ...fact,
    tenant: toStorable(fact.tenant),
    object: toStorable(fact.object),
    count: 1,
    address: await sealed(seal, address),
  });
  const background = new Set<Promise<void>>();
  const inBackground = (work: Promise<void>): void => {
    const ended = work
      .catch((error: unknown) => logger.error({ error }, "A refusal could not be written into the audit log."))
      .finally(() => background.delete(ended));
    background.add(ended);
  };
  const writeOmitted = (count: number): void => {
    if (count > 0) inBackground(enqueue({ ...floodOfRefusals, count }));
  };
  let turning: Promise<void> | undefined;
  const turn = async (): Promise<void> => {
    await clock.sleep(61_000, stop.signal);
    turning = undefined;
    writeOmitted(limit.takeOmitted(clock.now()));
  };
  return {
    prepare,
    append: async (tx, fact) => void (await appendEntries(tx, [fact])),
    write: async (fact) => {
      try {
        await enqueue(await prepare(fact));
      } catch (cause) {
        throw new BelayError("AUDIT_UNWRITTEN", "The audit log cannot be written now.", { cause, retry: "backoff" });
      }
    },
    refuse: (fact) => {
      const { admitted, omittedBefore } = limit.admit(fact.address ?? "", clock.now());
      writeOmitted(omittedBefore);
      if (admitted) inBackground(prepare(fact).then(enqueue));
      else turning ??= turn();
    },
    close: async () => {
      stop.abort();
      await turning;
      writeOmitted(limit.takeAll());
      await Promise.all(background);
      await writing;
    },
  };
}

/** Stands for all that were too many. */
const floodOfRefusals = {
  tenant: "",
  actor: "several",
  role: "",
  action: "refusals.omitted",
  object: "",
  outcome: "refused",
  status: 0,
  code: "",
  address: null,
} as const;

/**
 * A text as PostgreSQL takes it: whoever asks writes part of it, and one that is refused would take with it all that is written in the same transaction – the refusals of
 * the same moment.
 */
function toStorable(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}

async function sealed(seal: Seal, address: string | undefined): Promise<string | null> {
  if (address === undefined || address === "") return null;
  const [text] = await seal([{ tenant: addressOwner, purpose: addressPurpose, value: Buffer.from(address) }]);
  return text === undefined ? null : Buffer.from(text).toString("base64");
}
