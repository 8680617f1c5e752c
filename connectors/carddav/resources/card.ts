import { propertiesOf, textOfProperty, withProperties } from "@belay/sdk/vcard";
import type { JCard, JCardProperty } from "@belay/sdk/vcard";
import type { ChangedFields, ContactFields, Kind } from "./fields.ts";

/** What the contract names of a card. @see RFC 6350, section 6 */
export function readFields(card: JCard): ContactFields {
  const first = (name: string): string => textOfProperty(propertiesOf(card, name)[0]);
  const [familyName = "", givenName = ""] = partsOf(propertiesOf(card, "n")[0]);
  return {
    fullName: first("fn"),
    givenName,
    familyName,
    // Below the organisation stand its units.
    organisation: partsOf(propertiesOf(card, "org")[0])[0] ?? "",
    jobTitle: first("title"),
    note: first("note"),
    emails: propertiesOf(card, "email").map((property) => ({ address: textOfProperty(property), kind: kindOf(property) })),
    phones: propertiesOf(card, "tel").map((property) => ({
      number: textOfProperty(property).replace(/^tel:/i, ""),
      kind: kindOf(property),
    })),
    addresses: propertiesOf(card, "adr").map((property) => {
      const [box = "", extended = "", street = "", locality = "", region = "", postalCode = "", country = ""] = partsOf(property);
      const lines = [street, extended, box].filter(Boolean).join("\n");
      return { street: lines, locality, region, postalCode, country, kind: kindOf(property) };
    }),
  };
}

/**
 * The card with these fields. Only what differs from what the card says is written, so that all else keeps its parameters, its groups and what
 * other programs have put beside it.
 */
export function writeFields(card: JCard, fields: ChangedFields): JCard {
  const before = readFields(card);
  let after = card;
  const differs = (name: keyof ContactFields): boolean =>
    fields[name] !== undefined && JSON.stringify(fields[name]) !== JSON.stringify(before[name]);
  const setText = (field: "fullName" | "jobTitle" | "note", name: string): void => {
    if (differs(field)) after = withProperties(after, name, texts(name, fields[field] ?? ""));
  };
  setText("fullName", "fn");
  setText("jobTitle", "title");
  setText("note", "note");
  if (differs("givenName") || differs("familyName")) {
    const { givenName = before.givenName, familyName = before.familyName } = fields;
    const [, , ...rest] = partsOf(propertiesOf(card, "n")[0]);
    after = withProperties(after, "n", [["n", {}, "text", [familyName, givenName, rest[0] ?? "", rest[1] ?? "", rest[2] ?? ""]]]);
  }
  if (differs("organisation")) {
    const name = fields.organisation ?? "";
    after = withProperties(after, "org", name === "" ? [] : [["org", {}, "text", [name]]]);
  }
  if (differs("emails"))
    after = setList(
      after,
      "email",
      (fields.emails ?? []).map((each) => [each.kind, each.address]),
    );
  if (differs("phones"))
    after = setList(
      after,
      "tel",
      (fields.phones ?? []).map((each) => [each.kind, each.number]),
    );
  if (differs("addresses")) {
    const list = (fields.addresses ?? []).map((each): JCardProperty => {
      const { street, locality, region, postalCode, country } = each;
      return ["adr", typesOf(each.kind), "text", ["", "", street, locality, region, postalCode, country]];
    });
    after = withProperties(after, "adr", list);
  }
  return after;
}

/** A property that was there with this value keeps its parameters. */
function setList(card: JCard, name: "email" | "tel", values: readonly (readonly [Kind, string])[]): JCard {
  const known = propertiesOf(card, name);
  const list = values.map(([kind, value]): JCardProperty => {
    const same = known.find((property) => textOfProperty(property) === value && kindOf(property) === kind);
    return same ?? [name, typesOf(kind), name === "email" ? "text" : defaultOfPhone(card), value];
  });
  return withProperties(card, name, list);
}

/** What the two versions take for granted of a telephone number: written otherwise, its type would be named in the card. */
function defaultOfPhone([, properties]: JCard): string {
  return properties.some(([name, , , value]) => name === "version" && value === "4.0") ? "uri" : "phone-number";
}

function texts(name: string, value: string): readonly JCardProperty[] {
  return value === "" && name !== "fn" ? [] : [[name, {}, "text", value]];
}

function partsOf(property: JCardProperty | undefined): readonly string[] {
  const value = property?.[3] ?? [];
  return typeof value === "string" ? [value] : value.map((part) => (typeof part === "string" ? part : part.join(", ")));
}

function kindOf([, { type = [] }]: JCardProperty): Kind {
  const types = (typeof type === "string" ? type.split(",") : type).map((one) => one.toLowerCase());
  if (types.includes("cell")) return "mobile";
  if (types.includes("work")) return "work";
  return types.includes("home") ? "home" : "other";
}

function typesOf(kind: Kind): Readonly<Record<string, string>> {
  return kind === "other" ? {} : { type: kind === "mobile" ? "cell" : kind };
}
