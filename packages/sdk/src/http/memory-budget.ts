import type { Budget, Grant, ParsedLimit } from "./budget.ts";
import { SlidingWindow } from "./sliding-window.ts";

const granted: Grant = { granted: true };
/** When all concurrent places are taken, nobody knows when one gets free: ask again soon. */
const askAgainMs = 5;

interface Account {
  readonly windows: readonly (SlidingWindow | undefined)[];
  inFlight: number;
  blockedUntil: number;
}

/** A budget that answers at once. */
export interface MemoryBudget extends Budget {
  take(connection: string, limits: readonly ParsedLimit[], now: number): Grant;
  giveBack(connection: string): void;
  block(connection: string, until: number): void;
}

/** A budget whose state lives in this process. Other processes with the same connection know nothing of it. */
export function createMemoryBudget(): MemoryBudget {
  const accounts = new Map<string, Account>();
  const accountOf = (connection: string, limits: readonly ParsedLimit[]): Account => {
    const known = accounts.get(connection);
    if (known !== undefined && known.windows.length === limits.length) return known;
    const account: Account = {
      windows: limits.map(({ requests, perMs }) =>
        requests === Number.POSITIVE_INFINITY ? undefined : new SlidingWindow(requests, perMs),
      ),
      inFlight: known?.inFlight ?? 0,
      blockedUntil: known?.blockedUntil ?? 0,
    };
    accounts.set(connection, account);
    return account;
  };
  return {
    take(connection, limits, now) {
      const account = accountOf(connection, limits);
      let afterMs = Math.max(0, account.blockedUntil - now);
      for (const [index, limit] of limits.entries()) {
        if (account.inFlight >= limit.concurrent) afterMs = Math.max(afterMs, askAgainMs);
        afterMs = Math.max(afterMs, account.windows[index]?.waitMs(now) ?? 0);
      }
      if (afterMs > 0) return { granted: false, afterMs };
      for (const window of account.windows) window?.take(now);
      account.inFlight++;
      return granted;
    },
    giveBack(connection) {
      const account = accounts.get(connection);
      if (account !== undefined) account.inFlight--;
    },
    block(connection, until) {
      const account = accounts.get(connection) ?? accountOf(connection, []);
      account.blockedUntil = Math.max(account.blockedUntil, until);
    },
  };
}
