/** How names are written within an element, by the namespaces that are declared there. */
export interface NameScope {
  /** The scope within an element with these attributes. */
  enter(attributes: Readonly<Record<string, unknown>>): NameScope;
  /** The contract's name of an element. */
  element(name: string): string;
  /** The same of an attribute, `@name`: without a prefix it belongs to no namespace, not to that of its element. */
  attribute(name: string): string;
}

/** The scope outside of the root. `namespaces`: by the contract's prefix. @see https://www.w3.org/TR/xml-names/ */
export function openScope(namespaces: Readonly<Record<string, string>>): NameScope {
  const ours = new Map(Object.entries(namespaces).map(([prefix, uri]) => [uri, prefix]));
  const within = (declared: ReadonlyMap<string, string>): NameScope => ({
    enter(attributes) {
      const fresh = Object.entries(attributes).filter(([name]) => /^@xmlns(:|$)/.test(name));
      if (fresh.length === 0) return this;
      return within(new Map([...declared, ...fresh.map(([name, uri]) => [name.slice(7), String(uri)] as const)]));
    },
    element(name) {
      const [prefix, local] = split(name);
      const own = ours.get(declared.get(prefix) ?? "");
      return own === undefined ? name : join(own, local);
    },
    attribute(name) {
      const [prefix, local] = split(name.slice(1));
      const own = prefix === "" ? undefined : ours.get(declared.get(prefix) ?? "");
      return own === undefined ? name : `@${join(own, local)}`;
    },
  });
  return within(new Map());
}

function split(name: string): readonly [prefix: string, local: string] {
  const at = name.indexOf(":");
  return at === -1 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
}

function join(prefix: string, local: string): string {
  return prefix === "" ? local : `${prefix}:${local}`;
}
