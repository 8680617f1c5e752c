import type { WriteRequest } from "../two-way/index.ts";
import { anew, type Thing } from "./merged-thing.ts";
import { mergeThing } from "./report-merge.ts";
import type { WriteParts } from "./run-write.ts";
import type { SideWriter } from "./side-writer.ts";

/** How far a merge has come. */
export interface Course {
  thing: Thing;
  /** What it was given last. */
  request: WriteRequest;
}

/** As often as others merge the thing meanwhile. */
const mostTurns = 6;

/**
 * Keeps what a merge that gives up has written, as if it had come to its end: else what somebody makes of that at the side, knowing it, would count as made without, and might lose by the
 * rule. What is left to write is the next attempt's. Where nothing was written, nothing is kept.
 *
 * @throws what telling throws: then it is forgotten after all.
 */
export async function keepWritten({ thing: last, request }: Course, parts: WriteParts, writer: SideWriter): Promise<void> {
  if (last.written === undefined) return;
  // The provider may be what the merge failed by. Without its word what was kept by others meanwhile has to do.
  const patient: SideWriter = { ...writer, canGet: false, get: (id) => writer.get(id).catch(() => undefined) };
  let [thing, next] = [last, request];
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    if (next !== thing.request) thing = await anew(thing, next, patient);
    const { result, report } = mergeThing(thing, parts);
    const answer = await parts.tell({ ...report(result.state, thing.heard), unfinished: result.writes[next.side] !== null });
    if (answer.kind !== "again") return;
    next = answer.request;
  }
}
