import { type Duration, toMs } from "@belay/sdk";
import { invalidOption } from "../read-option.ts";

/** The id of a message or dead letter. @throws `CLI_OPTION_INVALID`. */
export function readId(text: string): number {
  const id = Number(text);
  if (!/^\d{1,15}$/.test(text) || id === 0) throw invalidOption("<id>", `is a number as belay messages shows it; this was "${text}".`);
  return id;
}

/** `2h` ago, or a moment as ISO 8601. @throws `CLI_OPTION_INVALID`. */
export function readSince(text: string, now = Date.now()): Date {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return new Date(now - toMs(text as Duration));
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw invalidOption("--since", `takes a span such as 15m, 2h or 3d, or a time such as 2026-03-01T12:00:00Z; this was "${text}".`);
  return time;
}

/** So many of the first. */
export async function takeFirst<Item>(items: AsyncIterable<Item>, most: number): Promise<{ items: Item[]; more: boolean }> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (taken.length === most) return { items: taken, more: true };
    taken.push(item);
  }
  return { items: taken, more: false };
}
