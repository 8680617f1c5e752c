import type { Ledger } from "./ledger.ts";
import type { PersonFields, SideBook } from "./side-book.ts";
import { fieldNames, otherSide, type Side, type TwoWayEdit, type TwoWaySetting } from "./steps.ts";

/** Does what people do at the sides. Whatever they write tells where and when it was written. */
export class People {
  readonly #books: Readonly<Record<Side, SideBook>>;
  readonly #ledger: Ledger;
  readonly #nameless: boolean;
  #edits = 0;

  constructor(books: Readonly<Record<Side, SideBook>>, ledger: Ledger, { nameless }: Pick<TwoWaySetting, "nameless">) {
    this.#books = books;
    this.#ledger = ledger;
    this.#nameless = nameless;
  }

  /** Those who are there before Belay is: at one side, or at both, where they do not say the same. */
  settle(persons: number): void {
    for (let person = 0; person < persons; person += 1) {
      if (person % 3 !== 1) this.#create("a", person);
      if (person % 3 !== 2 && !(this.#isNameless(person) && person % 3 === 0)) this.#create("b", person);
    }
  }

  edit({ side, what, person, fields }: TwoWayEdit): void {
    const [there] = this.#books[side].named(tagOf(person));
    this.#ledger.edits += 1;
    switch (what) {
      case "create":
        return there === undefined && this.#mayCome(side, person) ? this.#create(side, person) : undefined;
      case "update":
        return there && this.#change(side, there.id, Object.fromEntries(fields.map((field) => [field, this.#valueOf(field, side)])));
      case "touch":
        return void (there && this.#books[side].update(there.id, {}));
      case "delete":
        if (there === undefined) return;
        this.#books[side].remove(there.id);
        this.#ledger.deleted[side].add(there.tag);
    }
  }

  /** Who is at the other side and has no address cannot be known again here. */
  #mayCome(side: Side, person: number): boolean {
    if (!this.#isNameless(person)) return true;
    const other = this.#books[otherSide(side)];
    const isKnown = [...other.rows.values(), ...other.gone.values(), ...this.#books[side].gone.values()].some(
      ({ tag }) => tag === tagOf(person),
    );
    return !isKnown;
  }

  #isNameless(person: number): boolean {
    return this.#nameless && person % 4 === 3;
  }

  #create(side: Side, person: number): void {
    const tag = tagOf(person);
    const fields: PersonFields = {
      tag,
      email: this.#isNameless(person) ? null : `${tag}@people.example`,
      name: this.#valueOf("name", side),
      phone: this.#valueOf("phone", side),
      note: this.#valueOf("note", side),
    };
    this.#books[side].create(fields);
    this.#ledger.came(side, tag);
    if (this.#books[otherSide(side)].named(tag).length === 0) this.#ledger.forgot(otherSide(side), tag);
    for (const field of fieldNames) this.#ledger.gave(side, tag, field, fields[field]);
  }

  #change(side: Side, id: string, change: Partial<PersonFields>): void {
    const before = this.#books[side].rows.get(id);
    const changed = this.#books[side].update(id, change);
    if (changed === undefined) return;
    for (const field of fieldNames) {
      const value = change[field];
      if (value !== undefined) this.#ledger.gave(side, changed.tag, field, value, before?.[field]);
    }
  }

  #valueOf(field: string, side: Side): string {
    this.#edits += 1;
    return field === "phone" ? `+49 30 ${this.#edits} ${side === "a" ? 1 : 2}` : `${field} ${this.#edits} of ${side}, and more`;
  }
}

function tagOf(person: number): string {
  return `p${person}`;
}
