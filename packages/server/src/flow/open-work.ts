import { isBelayError } from "@belay/sdk";
import type { Lease, Message } from "../mailbox/index.ts";
import type { PageAnswer, WalkDesk, WalkPage } from "../syncs/index.ts";
import type { WriteAnswer, WriteDesk, WriteReport } from "../two-way/index.ts";
import type { RunRequest } from "./protocol.ts";

/** Work whose thread tells the main thread, while it runs, what has to be on disk before it goes on: a walk of a sync, or the merge of a thing that two systems are to have the same. */
export interface OpenWork {
  /** What the thread is told. */
  readonly part: Pick<RunRequest, "walk" | "write">;
  /** @throws what `OpenWalk.take` and `OpenWrite.take` throw. */
  take(told: WalkPage | WriteReport): Promise<PageAnswer | WriteAnswer>;
  /** Nothing more is tried with it. */
  fail(code: string): Promise<void>;
}

export interface Desks {
  /** Where walks of syncs come from, and their pages go. Default: there are no syncs. */
  readonly walks?: WalkDesk;
  /** Where things to be merged come from. Default: there are no two-way syncs. */
  readonly writes?: WriteDesk;
}

/** Ends the walk that a message goes on with which can never be read: it would stay open for ever, and no other begin. @throws what the database throws. */
export async function failUnread({ walks }: Desks, message: Message, lease: Lease, code: string): Promise<void> {
  try {
    await (await walks?.open(message, lease))?.fail(code);
  } catch (error) {
    // Where the walk cannot be read either, the desk has ended it.
    if (!isBelayError(error) || error.retry !== "never") throw error;
  }
}

/** The work that a message goes on with; null where nothing is to be done any more; undefined for the message of a flow. */
export function openWork({ walks, writes }: Desks, message: Message, lease: Lease): Promise<OpenWork | null> | undefined {
  const walking = walks?.open(message, lease);
  if (walking !== undefined)
    return walking.then(
      (walk) =>
        walk && {
          part: { walk: walk.request },
          take: (told) => ("records" in told ? walk.take(told) : stranger()),
          fail: (code) => walk.fail(code),
        },
    );
  return writes?.open(message, lease)?.then(
    (write) =>
      write && {
        part: { write: write.request },
        take: (told) => ("kind" in told ? write.take(told) : stranger()),
        fail: (code) => write.fail(code),
      },
  );
}

function stranger(): never {
  throw new TypeError("A thread told something of work that it was not given.");
}
