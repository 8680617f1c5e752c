import type { Auth, Secret } from "@belay/sdk";

/** The fields of a credential, named by the connector's `auth`. */
export type Credential = Readonly<Record<string, Secret>>;

/**
 * The header, in lower case, and the value that a request with this credential carries.
 *
 * @throws TypeError when the credential lacks a field that `auth` names.
 */
export function expectedHeader(auth: Auth, credential: Credential): { readonly name: string; readonly value: string } {
  const field = (name: string): string => {
    const secret = credential[name];
    if (secret === undefined) throw new TypeError(`A credential for ${auth.kind} needs the field "${name}".`);
    return secret.reveal();
  };
  switch (auth.kind) {
    case "bearer":
      return { name: "authorization", value: `Bearer ${field("token")}` };
    case "apiKey":
      return { name: auth.header.toLowerCase(), value: `${auth.prefix ?? ""}${field("apiKey")}` };
    case "basic":
      return { name: "authorization", value: `Basic ${Buffer.from(`${field("username")}:${field("password")}`).toString("base64")}` };
  }
}
