import type { ListedRow } from "../sync/provider.ts";
import { type FieldName, fieldNames, type Manner, type SideSetting } from "./steps.ts";

/** What is known of a person at either side. `tag` names it for the harness, and stays. */
export interface PersonFields {
  readonly tag: string;
  readonly email: string | null;
  readonly name: string;
  readonly phone: string;
  readonly note: string;
}

/** A record of a side. */
export interface Person extends ListedRow, PersonFields {}

/** What a side makes of what it is given. Applied twice it changes nothing more. */
export function writtenAs(manner: Manner, field: string, value: string): string {
  if (manner === "upper-name" && field === "name") return value.toUpperCase();
  if (manner === "plain-phone" && field === "phone") return value.replaceAll(" ", "");
  if (manner === "short-note" && field === "note") return value.slice(0, 12);
  return value;
}

/** The records of a side. Whoever changes them, people or Belay, does it here. */
export class SideBook {
  readonly rows = new Map<string, Person>();
  readonly gone = new Map<string, Person>();
  sequence = 0;
  readonly #setting: Pick<SideSetting, "manner" | "shape">;
  readonly #prefix: string;
  readonly #nowMs: () => number;
  readonly #random: () => number;
  #serial = 0;

  constructor(prefix: string, setting: Pick<SideSetting, "manner" | "shape">, nowMs: () => number, random: () => number) {
    this.#prefix = prefix;
    this.#setting = setting;
    this.#nowMs = nowMs;
    this.#random = random;
  }

  /** Those of a person that are there. */
  named(tag: string): Person[] {
    return [...this.rows.values()].filter((row) => row.tag === tag);
  }

  /** What stands here when somebody has given a field this value. */
  written(field: FieldName, value: string): string {
    return writtenAs(this.#setting.manner, field, value);
  }

  create(fields: PersonFields): Person {
    this.#serial += 1;
    const id = `${this.#prefix}${this.#serial}`;
    const first = { ...fields, id, serial: this.#serial, version: 0, changed: 0, sequence: 0 };
    return this.#put(first, fields);
  }

  /** Undefined: there is none. */
  update(id: string, change: Partial<PersonFields>): Person | undefined {
    const row = this.rows.get(id);
    return row && this.#put(row, change);
  }

  remove(id: string): Person | undefined {
    const row = this.rows.get(id);
    if (row === undefined) return undefined;
    this.rows.delete(id);
    this.gone.set(id, this.#moved(row));
    return row;
  }

  #put(row: Person, change: Partial<PersonFields>): Person {
    const written = Object.fromEntries(
      fieldNames.flatMap((field: FieldName) => {
        const value = change[field];
        return value === undefined ? [] : [[field, this.written(field, value)]];
      }),
    );
    const moved = { ...this.#moved(row), ...written };
    this.rows.set(row.id, moved);
    return moved;
  }

  #moved(row: Person): Person {
    const { lateMs, stepMs } = this.#setting.shape;
    this.sequence += 1;
    const written = Math.floor((this.#nowMs() - this.#random() * lateMs) / stepMs) * stepMs;
    return { ...row, version: row.version + 1, changed: Math.max(row.changed, written), sequence: this.sequence };
  }
}

/** A record as the side lists it. */
export function personToJson({ id, serial, version, changed, tag, email, name, phone, note }: Person): object {
  return { id, created: serial, version, etag: `v${version}`, changed: new Date(changed).toISOString(), tag, email, name, phone, note };
}
