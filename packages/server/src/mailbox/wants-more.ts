import { tuning } from "./dispatcher-options.ts";
import { beginTurn, type Held } from "./held-mailboxes.ts";

/** How it stands with the worker that holds a mailbox. */
export interface Standing {
  readonly now: number;
  readonly quantum: number;
  /** Mailboxes want messages for which there was no room. */
  readonly unserved: boolean;
  /** Mailboxes may stand in line that cannot be leased, because there are enough. */
  readonly crowded: boolean;
}

/**
 * Whether more messages of a mailbox are to be fetched now: `no` also when enough of it is in memory, or its turn ends and something of it still runs. `over` when its turn has
 * ended and nothing runs: it goes to the end of the line.
 */
export function wantsMore(held: Held, { now, quantum, unserved, crowded }: Standing): "yes" | "no" | "over" {
  const { mailbox } = held;
  if (held.releasing || mailbox.drained || mailbox.stopping) return "no";
  const { unfinished } = mailbox;
  if (unfinished >= tuning.fetchAtMost / 2) return "no";
  if (roomOf(held, now) <= 0) {
    held.paced = true;
    return "no";
  }
  if ((unserved || (crowded && held.paced)) && now - held.turnSince > tuning.longestTurnMs)
    mailbox.handled = Math.max(mailbox.handled, quantum);
  if (mailbox.handled < quantum) return "yes";
  if (mailbox.idle) return "over";
  // Its turn is over once what runs has ended. Should that take long, the others of this mailbox are not to wait for it.
  held.turnEndedAt ??= now;
  if (now - held.turnEndedAt < tuning.longestTurnEndMs) return "no";
  beginTurn(held, now);
  mailbox.handled = 0;
  return "yes";
}

/** How many messages more a mailbox may have in memory: of what its tenant may begin with in its lane it has a part, and to that comes what it has earned. */
function roomOf({ pace, peers, mailbox }: Held, now: number): number {
  const part = Math.max(1, Math.floor(tuning.fetchAtMost / peers.active));
  return Math.min(tuning.fetchAtMost, part + pace.earned(now) - mailbox.unfinished);
}

/**
 * How many messages more each of those that want some may have, so that their tenants have no more than they may: mailboxes of a tenant that came first had larger parts. One of
 * which nothing is in memory may always have one. Who may have none is not in it.
 */
export function roomOfEach(active: Iterable<Held>, wanting: readonly Held[], now: number): Map<Held, number> {
  const left = new Map<Held["peers"], number>();
  for (const { peers, pace, mailbox } of active)
    left.set(peers, (left.get(peers) ?? tuning.fetchAtMost) + pace.earned(now) - mailbox.unfinished);
  const byPeers = Map.groupBy(wanting, ({ peers }) => peers);
  const rooms = new Map<Held, number>();
  for (const [peers, among] of byPeers) {
    const each = Math.floor((left.get(peers) ?? 0) / among.length);
    for (const held of among) {
      const room = Math.min(roomOf(held, now), Math.max(each, held.mailbox.unfinished === 0 ? 1 : 0));
      if (room > 0) rooms.set(held, room);
      else held.paced = true;
    }
  }
  return rooms;
}
