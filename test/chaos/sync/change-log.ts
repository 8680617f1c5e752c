import type { Edit, EditKind, Shape } from "./steps.ts";

/** A record of the provider, or what it still knows of one that is gone. */
export interface Row {
  readonly id: string;
  readonly serial: number;
  readonly name: string;
  readonly state: "good" | "bad" | "other";
  /** Another one when something changes that we keep: higher, unless it is taken back. */
  readonly take: number;
  /** Rises with every change. */
  readonly version: number;
  /** As the provider writes it: in steps, and a little earlier than it shows. Epoch milliseconds. */
  readonly changed: number;
  /** The number of its last change among all. */
  readonly sequence: number;
}

/** A record as the provider lists it. */
export function rowToJson({ id, serial, name, state, take, version, changed }: Row): object {
  return { id, created: serial, name, state, take, version, changed: new Date(changed).toISOString() };
}

/** The records of a provider, and what has happened to them. */
export class ChangeLog {
  readonly rows = new Map<string, Row>();
  readonly gone = new Map<string, Row>();
  /** Records that were once gone, or set aside: only these may be deleted on our side. */
  readonly onceGone = new Set<string>();
  /** Of the last change. */
  sequence = 0;
  edits = 0;
  readonly #shape: Pick<Shape, "lateMs" | "stepMs">;
  readonly #nowMs: () => number;
  /** What records were before their last change. */
  readonly #before = new Map<string, Pick<Row, "name" | "state" | "take">>();
  readonly #random: () => number;
  #serial = 0;

  constructor(shape: Pick<Shape, "lateMs" | "stepMs">, nowMs: () => number, random: () => number) {
    this.#shape = shape;
    this.#nowMs = nowMs;
    this.#random = random;
  }

  create(): void {
    this.#serial += 1;
    const id = `i${this.#serial}`;
    const first = {
      id,
      serial: this.#serial,
      name: `item ${this.#serial}`,
      state: "good",
      take: 0,
      version: 0,
      changed: 0,
      sequence: 0,
    } as const;
    this.rows.set(id, this.#moved(first, { take: 1 }));
  }

  /** Does what an edit says to the records that it meets. */
  apply({ what, row, count }: Omit<Edit, "kind" | "skip">): void {
    if (what === "create") {
      for (let made = 0; made < count; made += 1) this.create();
      this.edits += count;
      return;
    }
    const living = [...this.rows.values()];
    const first = living.length === 0 ? 0 : row % living.length;
    for (const met of living.slice(first, first + count)) this.#edit(what, met, living);
  }

  #edit(what: Exclude<EditKind, "create">, met: Row, living: readonly Row[]): void {
    this.edits += 1;
    switch (what) {
      case "update":
        return this.#put(met, { name: `item ${met.serial}, take ${met.take + 1}`, take: met.take + 1 });
      case "touch":
        return this.#put(met, {});
      case "delete":
        return this.#remove(met);
      case "merge": {
        const other = living.find(({ id }) => id !== met.id && this.rows.has(id));
        this.#remove(met);
        return other && this.#put(other, { name: `${other.name} and ${met.id}`.slice(0, 200), take: other.take + 1 });
      }
      case "spoil":
        return this.#put(met, { state: "bad", take: met.take + 1 });
      case "mend":
        return this.#put(met, { state: "good", take: met.take + 1 });
      case "set-aside":
        return this.#put(met, { state: "other", take: met.take + 1 });
      case "take-back":
        return this.#put(met, this.#before.get(met.id) ?? {});
    }
  }

  #put({ id }: Row, change: Partial<Row>): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    const moved = this.#moved(row, change);
    if (moved.state === "other") this.onceGone.add(id);
    this.#before.set(id, { name: row.name, state: row.state, take: row.take });
    this.rows.set(id, moved);
  }

  #remove({ id }: Row): void {
    const row = this.rows.get(id);
    if (row === undefined) return;
    this.rows.delete(id);
    this.gone.set(id, this.#moved(row, {}));
    this.onceGone.add(id);
  }

  #moved(row: Row, change: Partial<Row>): Row {
    const { lateMs, stepMs } = this.#shape;
    this.sequence += 1;
    const written = Math.floor((this.#nowMs() - this.#random() * lateMs) / stepMs) * stepMs;
    return { ...row, ...change, version: row.version + 1, changed: Math.max(row.changed, written), sequence: this.sequence };
  }
}
