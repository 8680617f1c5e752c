import type { Broken } from "../kernel/observer.ts";
import type { Ledger } from "./ledger.ts";
import { type Person, type SideBook, writtenAs } from "./side-book.ts";
import { type FieldName, fieldNames, type Side, sideNames, type TwoWaySetting } from "./steps.ts";

export interface Ended {
  readonly setting: TwoWaySetting;
  readonly books: Readonly<Record<Side, SideBook>>;
  readonly ledger: Ledger;
  /** Fields that wait for somebody's decision, as `tag field`. */
  readonly held: ReadonlySet<string>;
  /** Values that somebody has decided. */
  readonly decided: ReadonlySet<string>;
  /** Sides whose walks prove that they see everything; elsewhere what is gone without a word is never noticed. */
  readonly proven: ReadonlySet<Side>;
  /** Belay may have written something and not know it: for all it knows, who changed that then has changed what was there before. */
  readonly mayForget: boolean;
}

/** What is wrong when everything has calmed down: sides that differ, persons who are doubled, lost, or back from the dead, values that nobody gave. */
export function compareBoth(ended: Ended): Broken[] {
  const { books, ledger } = ended;
  const tags = new Set(sideNames.flatMap((side) => [...books[side].rows.values()].map(({ tag }) => tag)));
  for (const side of sideNames) for (const { tag } of books[side].gone.values()) tags.add(tag);
  return [...tags].filter((tag) => !ledger.raced.has(tag)).flatMap((tag) => comparePerson(ended, tag));
}

function comparePerson(ended: Ended, tag: string): Broken[] {
  const { books, setting } = ended;
  const [as, bs] = [books.a.named(tag), books.b.named(tag)];
  for (const [side, there] of [["a", as] as const, ["b", bs] as const])
    if (there.length > 1) return [{ kind: "doubled", text: `${tag} is ${there.length} times at ${side}` }];
  const [a, b] = [as[0], bs[0]];
  if (a !== undefined && b !== undefined) return fieldNames.flatMap((field) => compareField(ended, tag, field, a, b));
  if (a === undefined && b === undefined) return checkGone(ended, tag);
  const there: Side = a === undefined ? "b" : "a";
  const isUnnoticed = setting.deletes === "none" || !ended.proven.has(there === "a" ? "b" : "a");
  if (isUnnoticed && isDeletedByPeople(ended, tag)) return [];
  return [{ kind: "missing", text: `${tag} is at ${there} and not at the other side` }];
}

function isDeletedByPeople({ ledger }: Ended, tag: string): boolean {
  return sideNames.some((side) => ledger.deleted[side].has(tag));
}

function checkGone(ended: Ended, tag: string): Broken[] {
  return isDeletedByPeople(ended, tag) ? [] : [{ kind: "missing", text: `${tag} is gone at both sides, and nobody has deleted it` }];
}

function compareField(ended: Ended, tag: string, field: FieldName, a: Person, b: Person): Broken[] {
  const { setting, ledger, held, decided, mayForget } = ended;
  const owner = ownerOf(setting, field);
  const name = `${tag} ${field}`;
  if (owner === "each" || held.has(name)) return [];
  const said = `${field} of ${tag} is ${JSON.stringify(a[field])} at a and ${JSON.stringify(b[field])} at b`;
  const isSame = (one: string, other: string): boolean =>
    writtenAs(setting.b.manner, field, one) === other || writtenAs(setting.a.manner, field, other) === one;
  // Made at the side whose it is not: nobody has given it a value at the other.
  if (owner !== "both" && ledger.values[owner].get(name) === undefined) return [];
  if (!isSame(a[field], b[field])) return [{ kind: "differing", text: said }];
  const mangled = findMangled(ended, name, field, { a, b });
  if (mangled !== undefined)
    return [{ kind: "mangled", text: `${said}; people gave it ${JSON.stringify(mangled)}, and nothing at the other side` }];
  const given = owner === "both" ? sideNames : ([owner] as const);
  // What is one side's alone comes back at the other, whoever changes it there.
  const isOutdated = (side: Side): boolean =>
    owner === "both" && !mayForget && !isDeletedByPeople(ended, tag) && ledger.outdated[side].has(name);
  const last = given.flatMap((side) => (isOutdated(side) ? [] : (ledger.values[side].get(name) ?? [])));
  const candidates = [...last, ...decided];
  const comesFrom = (value: string): boolean => {
    const forms = (["as-given", setting.a.manner, setting.b.manner] as const).map((manner) => writtenAs(manner, field, value));
    return forms.includes(a[field]) || forms.includes(b[field]) || forms.some((form) => isSame(a[field], form) || isSame(form, b[field]));
  };
  if (candidates.some(comesFrom)) return [];
  return [{ kind: "lost", text: `${said}; people last gave it ${candidates.map((value) => JSON.stringify(value)).join(", ")}` }];
}

/** What people gave a field at one side alone, and does not stand there as that side writes it. */
function findMangled(
  { setting, ledger, decided }: Ended,
  name: string,
  field: FieldName,
  there: Readonly<Record<Side, Person>>,
): string | undefined {
  const [side, ...others] = sideNames.filter((one) => ledger.values[one].has(name));
  if (side === undefined || others.length > 0 || decided.size > 0) return undefined;
  const given = ledger.values[side].get(name) ?? "";
  return there[side][field] === writtenAs(setting[side].manner, field, given) ? undefined : given;
}

function ownerOf({ note, phone }: TwoWaySetting, field: FieldName): TwoWaySetting["note"] {
  return field === "note" ? note : field === "phone" ? phone : "both";
}
