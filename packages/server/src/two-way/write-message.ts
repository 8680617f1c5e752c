import type { SideName } from "@belay/sdk/two-way";
import type { NewMessage } from "../mailbox/index.ts";
import { otherSide, type Sides } from "./find-sides.ts";
import type { LinkKey } from "./types.ts";

/** The type of the event that makes a side look whether it has to be told something. */
export const writeEvent = "sync.write";

/**
 * The message by which whoever works on a side's connection merges a thing, and writes what that side has to be told. All messages of a thing at a side have one order key, so that one
 * pair of hands writes it, and one event key: what is written under the same name is one operation, whichever message comes to it.
 */
export function writeMessage({ tenant, twoWay, record }: LinkKey, sides: Sides, side: SideName): NewMessage {
  return {
    tenant,
    target: sides[side].connection,
    lane: "sync",
    orderKey: record,
    flow: twoWay,
    connection: sides[otherSide(side)].connection,
    eventKey: `${record}/${side}`,
    eventType: writeEvent,
    version: null,
    payload: Buffer.from(JSON.stringify({ record, side })),
    trace: null,
  };
}

/** What a message is about; undefined: it is none of these. */
export function readWriteMessage(payload: string): { readonly record: string; readonly side: SideName } | undefined {
  const { record, side } = Object(JSON.parse(payload)) as { readonly record?: unknown; readonly side?: unknown };
  return typeof record === "string" && (side === "a" || side === "b") ? { record, side } : undefined;
}
