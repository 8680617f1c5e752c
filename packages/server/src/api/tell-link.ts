import type { FailureClass, FailureOwner, Recovery, Register, RegisterText } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import { explainFailure } from "../insight/index.ts";
import type { ShownThing, ShownTwoWay } from "../two-way/index.ts";

/** How a thing of a two-way sync stands, in the words of one reader. */
export interface ToldLink {
  readonly register: Register;
  readonly happened: string;
  /** null: nothing is to be done. */
  readonly remedy: string | null;
  readonly class: FailureClass | null;
  readonly owner: FailureOwner | null;
  readonly recovery: Recovery | null;
  /** The last two are for support and engineers only. */
  readonly code: string | null;
  readonly meaning: string | null;
}

type Text = Omit<RegisterText, "remedy"> & { readonly remedy: string | null };

/** Why a thing is not, or need not be, the same at both sides; failures of writes have the words of their class. */
type Reason = "equal" | "gone" | "turn" | "look" | "review" | "held" | "blocked";

const nothing = "You need not do anything.";

/** `{a}`, `{b}` and `{there}` are names of providers, `{at}` of a connection; a tenant is told of no connection, and of a value only where it stands. */
const texts: Readonly<Record<Reason, Readonly<Record<Register, Text>>>> = {
  equal: {
    tenant: { happened: "{a} and {b} have the same.", remedy: null },
    support: { happened: "Both sides have what they are to have.", remedy: null },
    engineer: { happened: "Merged, and nothing is left to write. Fields that each side keeps for itself may differ.", remedy: null },
  },
  gone: {
    tenant: { happened: "It was deleted in {a} and {b}.", remedy: null },
    support: { happened: "It was deleted at both sides.", remedy: null },
    engineer: { happened: "Deleted at both sides. It is remembered, so that it is known when it comes back.", remedy: null },
  },
  turn: {
    tenant: { happened: "A change is on its way between {a} and {b}.", remedy: nothing },
    support: {
      happened: "A change is to be merged and written; it waits for its turn.",
      remedy: "If it stays so: belay paused, belay providers and belay backlog say what holds it up.",
    },
    engineer: {
      happened:
        "A message `sync.write` of this thing stands in the mailbox of {at} or of the other side, or the newest change was not looked at yet.",
      remedy: "belay messages --flow {sync} --tenant {tenant} shows it.",
    },
  },
  look: {
    tenant: { happened: "We make sure that {there} does not have it yet, before we create it there.", remedy: nothing },
    support: {
      happened: "Only one side has it. {there} is read once more before it is created there, for somebody may have created it at both.",
      remedy: "belay syncs shows how far reading is; belay syncs run lets it begin now.",
    },
    engineer: {
      happened: "It awaits a complete walk through {at} that began after it came, in which it may turn up and be linked by its match keys.",
      remedy: "If no walk ends: belay syncs show says why. A code here says that an earlier create had no known outcome.",
    },
  },
  review: {
    tenant: {
      happened: "It may be in {there} already under another name, and a person has to say whether it is.",
      remedy: "Tell our support.",
    },
    support: {
      happened:
        "It looks like something else, and nobody can tell for sure whether it is. Until somebody has decided, it is not created at {there}.",
      remedy: "belay identity --tenant {tenant} shows both: belay identity link, or apart. It goes on by itself then.",
    },
    engineer: {
      happened: "A review of identity is open in which {record} is the record or a candidate; it awaits no walk, and no message goes out.",
      remedy:
        "Decide it as support does. What is linked, and what is asked, say the rules of `identity` of the syncs and the model's match keys.",
    },
  },
  held: {
    tenant: {
      happened: "It is not the same in {a} and in {b}, and only a person can say which is right: {fields}.",
      remedy: "Write the right value in both, or tell our support which it is.",
    },
    support: {
      happened:
        "Each side has a value of its own, neither of which knew of the other, and no rule decides. {values}. Each keeps its own; all other fields are carried over.",
      remedy: "Ask who knows, then: belay conflicts decide {sync} {record} {field} --tenant {tenant} --side a, or b, or --value.",
    },
    engineer: {
      happened:
        "{values}. Changed at both sides, or never agreed on, and `conflict` is `queue`, gives undefined, or cannot compare because a side has no version.",
      remedy:
        "belay conflicts --tenant {tenant} shows what both had before; belay conflicts decide {sync} {record} {field} --tenant {tenant} --side a decides. To have a rule decide from now on, set `conflict` of {sync}, or whose the field is by `own`.",
    },
  },
  blocked: {
    tenant: {
      happened: "{a} and {b} are not kept the same at the moment.",
      remedy: "Connect one account of {a} and one of {b}, and no second one of either.",
    },
    support: {
      happened: "The tenant has no connection, or several, of {there}: nobody can tell between which the sync is meant.",
      remedy: "belay connections --tenant {tenant} shows them. Have the missing one connected, or the one too many disconnected.",
    },
    engineer: {
      happened: "A side of {sync} is the tenant's one connection of the connector of its sync; of {there} there is none, or more than one.",
      remedy: "As for support. Nothing is forgotten meanwhile: it goes on when there is one of each.",
    },
  },
};

/** Tells why a thing stands as it does. A tenant gets plain words: no code, no id of a connection. */
export function tellLink(catalog: Catalog, twoWay: ShownTwoWay, thing: ShownThing, register: Register): ToldLink {
  const failed = thing.stands === "failed" && thing.code !== null && twoWay.blocked === null;
  if (failed) return tellFailed(catalog, twoWay, thing, thing.code, register);
  const { happened, remedy } = texts[reasonOf(twoWay, thing)][register];
  const fill = fillerOf(catalog, twoWay, thing);
  const code = register === "tenant" ? null : thing.code;
  const unclassed = { class: null, owner: null, recovery: null, meaning: null };
  return { register, happened: fill(happened), remedy: remedy === null ? null : fill(remedy), ...unclassed, code };
}

function reasonOf({ blocked }: ShownTwoWay, { stands, awaits, held, code }: ShownThing): Reason {
  if (blocked !== null) return "blocked";
  if (stands === "equal" || stands === "gone") return stands;
  if (held.length > 0) return "held";
  if (awaits !== null && code === "TWO_WAY_REVIEW_OPEN") return "review";
  return awaits === null ? "turn" : "look";
}

/** In the words that its message has, which became a dead letter. */
function tellFailed(catalog: Catalog, twoWay: ShownTwoWay, thing: ShownThing, code: string, register: Register): ToldLink {
  const { tenant, twoWay: flow } = twoWay;
  // Where a side has none, that is the one at which it was to be created.
  const connection = (thing.b === null ? twoWay.b : thing.a === null ? twoWay.a : twoWay.b).connection ?? "";
  const about = { id: 0, tenant, flow, mailbox: `${connection}/sync`, connection, state: "dead", error: null } as const;
  const { class: name, owner, recovery, meaning, texts: told } = explainFailure(catalog, code, about);
  const inside = register === "tenant" ? { code: null, meaning: null } : { code, meaning };
  return { register, ...told[register], class: name, owner, recovery, ...inside };
}

/** Of a long value the beginning says which it is. */
const mostCharacters = 200;

/** What a side has in a field. */
function show(side: ShownThing["a"], field: string): string {
  // Canonical data is an object by its model.
  const data = Object(side?.data ?? {}) as Readonly<Record<string, unknown>>;
  const text = JSON.stringify(data[field] ?? null);
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

function fillerOf({ connectors }: Catalog, { a, b, blocked, tenant, twoWay }: ShownTwoWay, thing: ShownThing): (text: string) => string {
  const titleOf = ({ connector }: ShownTwoWay["a"]): string => connectors.get(connector)?.title ?? connector;
  const side = blocked?.side ?? thing.awaits ?? "b";
  const names: Readonly<Record<string, string>> = {
    a: titleOf(a),
    b: titleOf(b),
    there: titleOf(side === "a" ? a : b),
    at: (side === "a" ? a : b).connection ?? "",
    fields: thing.held.join(", "),
    field: thing.held.length === 1 ? thing.held.join("") : "<field>",
    values: thing.held
      .map((field) => `${field}: ${show(thing.a, field)} in ${titleOf(a)}, ${show(thing.b, field)} in ${titleOf(b)}`)
      .join("; "),
    sync: twoWay,
    record: thing.record,
    tenant,
  };
  return (text) => text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);
}
