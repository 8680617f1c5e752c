import type { Lease, Message, Settlement } from "../types.ts";

interface Row {
  readonly id: number;
  readonly orderKey: string;
  readonly version: number | null;
  state: "fresh" | "parked" | "ended";
  attempts: number;
  /** How many of the newest attempts met an outage. */
  outages: number;
  suspect: boolean;
  /** Begun, and no end of it on disk. Known to the test only. */
  begun: boolean;
}

/** The tables in a few lines, as `store.ts` and `settle-store.ts` treat them: `store.model.test.ts` holds the two together. */
export class Disk {
  readonly rows: Row[] = [];
  readonly blocks = new Map<string, { due: boolean }>();
  readonly versions = new Map<string, number>();
  head = 0;
  suspectUntil = 0;
  token = 0;

  commit(orderKey: string, version: number | null): void {
    this.rows.push({ id: this.rows.length + 1, orderKey, version, state: "fresh", attempts: 0, outages: 0, suspect: false, begun: false });
  }

  claim(takenOver: boolean): Lease {
    this.token += 1;
    if (takenOver) this.suspectUntil = this.rows.length;
    const { head, token, suspectUntil } = this;
    return { tenant: "t", mailbox: "m/event", connection: "m", lane: "event", token, head, takenOver, suspectUntil };
  }

  /** Parked messages: so many of each order key at most; what lies behind them is reached later. */
  fetch(after: number, limit: number, perBlock = 2): Message[] {
    const parked = this.rows.filter(({ state, orderKey }) => state === "parked" && this.blocks.get(orderKey)?.due === true);
    const reached = parked.filter((row) => parked.filter(({ orderKey, id }) => orderKey === row.orderKey && id < row.id).length < perBlock);
    const fresh = this.rows.filter(({ state, id }) => state === "fresh" && id > after).slice(0, limit);
    return [...reached, ...fresh].map((row) => this.#toMessage(row));
  }

  #toMessage(row: Row): Message {
    const { id, orderKey, version, attempts } = row;
    const parked = row.state === "parked";
    return {
      tenant: "t",
      mailbox: "m/event",
      id,
      orderKey,
      version,
      attempts,
      parked,
      flow: "f",
      connection: "s",
      eventKey: `e${id}`,
      eventType: "x",
      payload: "{}",
      trace: null,
      receivedAtMs: 0,
      firstAttemptAtMs: null,
      steps: {},
      suspect: row.suspect || id <= this.suspectUntil,
      blocked: !parked && this.blocks.has(orderKey),
      appliedVersion: this.versions.get(orderKey) ?? null,
    };
  }

  settle({ results, head, extend, release }: Settlement): void {
    for (const result of results) {
      const { kind, message } = result;
      const row = this.row(message.id);
      if (row.state === "ended") continue;
      if (kind === "delivered" && message.version !== null)
        this.versions.set(message.orderKey, Math.max(message.version, this.versions.get(message.orderKey) ?? -1));
      if (kind === "delivered" || kind === "superseded" || kind === "dead") row.state = "ended";
      if (kind === "suspend" || kind === "retry") row.suspect = true;
      if (kind === "retry") Object.assign(row, { attempts: message.attempts + 1, outages: result.outage === true ? row.outages + 1 : 0 });
      if (kind === "forgive") Object.assign(row, { attempts: row.attempts - row.outages, outages: 0 });
      if (kind === "retry" || kind === "park") row.state = "parked";
      if (kind === "retry") this.blocks.set(message.orderKey, { due: false });
    }
    for (const { kind, message } of results)
      if (kind === "park" && !this.blocks.has(message.orderKey)) this.blocks.set(message.orderKey, { due: true });
    for (const orderKey of this.blocks.keys()) {
      if (!this.rows.some((row) => row.orderKey === orderKey && row.state === "parked")) this.blocks.delete(orderKey);
    }
    if (extend || release !== undefined) this.head = Math.max(this.head, head);
  }

  row(id: number): Row {
    const row = this.rows[id - 1];
    if (row === undefined) throw new Error(`no message ${id}`);
    return row;
  }
}
