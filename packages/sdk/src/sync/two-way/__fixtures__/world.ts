import { mergeSides, settleWrite } from "../index.ts";
import type { ConflictRule, Fields, LinkState, MergeResult, MergeRules, SideName, SideNow } from "../index.ts";

/** Rules by which both sides may do everything. */
export const both = (conflict: ConflictRule = "newest", changes: Partial<MergeRules> = {}): MergeRules => ({
  ownerOf: () => "both",
  conflict,
  deletes: "both",
  creates: "both",
  ...changes,
});
export const at = (data: Fields | null, version: number | null = 1): SideNow => ({ data, version });

/** Two systems, each of which may write values its own way. */
export class World {
  state: LinkState | null = null;
  readonly sides: Record<SideName, SideNow | undefined> = { a: undefined, b: undefined };
  decided: Fields = {};
  time = 0;
  writes = 0;
  readonly rules: MergeRules;
  readonly render: Readonly<Record<SideName, (value: unknown) => unknown>>;

  constructor(rules: MergeRules, render: Partial<World["render"]> = {}) {
    this.rules = rules;
    this.render = { a: (value) => value, b: (value) => value, ...render };
  }

  edit(side: SideName, changes: Fields): void {
    this.sides[side] = at({ ...this.sides[side]?.data, ...changes }, (this.time += 1));
  }

  delete(side: SideName): void {
    if (this.sides[side]?.data) this.sides[side] = at(null, (this.time += 1));
  }

  /**
   * One run for a side, as a message makes it: the merge, the write, and what is remembered; `cut` ends it before that. `slip`: what somebody changes at the side just before it is
   * written, and the answer is the first to show.
   */
  run(side: SideName, cut = false, slip: Fields = {}): MergeResult {
    const result = mergeSides({ state: this.state, a: this.sides.a, b: this.sides.b, decided: this.decided }, this.rules);
    const write = result.writes[side];
    let { state } = result;
    if (write !== null) {
      this.writes += 1;
      if (write.kind === "update") this.edit(side, slip);
      this.sides[side] = this.#write(side, write);
      if (cut) return result;
      state = settleWrite(state, side, write, this.sides[side]);
    }
    this.state = state;
    if (result.held.length === 0) this.decided = {};
    return result;
  }

  #write(side: SideName, write: NonNullable<MergeResult["writes"]["a"]>): SideNow {
    this.time += 1;
    if (write.kind === "delete") return at(null, this.time);
    const names = write.kind === "create" ? Object.keys(write.data) : write.changes;
    const rendered = names.map((name) => [name, this.render[side](write.data[name])]);
    return at({ ...this.sides[side]?.data, ...Object.fromEntries(rendered) }, this.time);
  }

  /** Until nobody writes any more. @returns whether that came. */
  settle(): boolean {
    for (let round = 0; round < 10; round += 1) {
      const before = this.writes;
      this.run("a");
      this.run("b");
      if (this.writes === before) return true;
    }
    return false;
  }
}
