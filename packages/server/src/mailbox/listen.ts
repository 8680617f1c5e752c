import { listenOn } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { readNotice } from "./store.ts";
import type { MailboxKey } from "./types.ts";

/**
 * Calls `onWake` whenever another process has committed work, with the mailboxes where they are named. A lost connection is made again, with growing pauses; what is missed meanwhile is
 * found by the poll, so losing it costs time, never work.
 */
export function listenForWork(
  url: string,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly onWake: (mailboxes?: readonly MailboxKey[]) => void },
): { close(): Promise<void> } {
  return listenOn(url, {
    channel: "belay_mailbox",
    name: "belay listen",
    sleep: (ms, signal) => parts.clock.sleep(ms, signal),
    onNotice: (payload) => parts.onWake(payload === undefined ? undefined : readNotice(payload)),
    onTrouble: (error, failures) =>
      parts.logger.warn({ error, failures }, "Cannot listen for work of other processes; the poll finds it meanwhile."),
  });
}
