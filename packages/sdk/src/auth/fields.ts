import type { Auth, Basic, JwtBearer, Session } from "./kinds.ts";
import { fieldsIn } from "./template.ts";

/** What a person who fills in a field sees, and what may be written there. */
export interface DeclaredField {
  /** Default: the field's name in words. */
  readonly label?: string;
  /** Where the provider shows the value, in a sentence. */
  readonly help?: string;
  /** What the value looks like: the text of a regular expression that must match it as a whole. */
  readonly pattern?: string;
  /** Whether it is hidden while it is typed. All fields are kept as secrets. Default: all but names of users and clients. */
  readonly secret?: boolean;
}

export type DeclaredFields = Readonly<Record<string, DeclaredField>>;

/** One field of the form by which a person gives a credential. */
export interface CredentialField {
  readonly name: string;
  readonly label: string;
  /** Whether to hide it while it is typed. */
  readonly secret: boolean;
  readonly required: boolean;
  /** Whether it has several lines, as keys in PEM and JSON files do. */
  readonly multiline: boolean;
  readonly pattern?: string;
  readonly help?: string;
}

/** The fields that a credential of this auth must have, and all that it may have. */
export function fieldsOf(auth: Auth): { readonly needed: readonly string[]; readonly known: readonly string[] } {
  switch (auth.kind) {
    case "oauth2":
      return { needed: [], known: ["accessToken", "refreshToken", "clientId", "clientSecret"] };
    case "jwtBearer": {
      const { needed, optional } = filledIn(auth);
      return { needed, known: [...needed, ...optional, "accessToken"] };
    }
    case "session": {
      const { needed } = filledIn(auth);
      return { needed, known: [...needed, "accessToken"] };
    }
    default: {
      const { needed } = filledIn(auth);
      return { needed, known: needed };
    }
  }
}

/**
 * The form by which a person gives the credential; empty where there is nothing to fill in, because a user is sent to the provider.
 */
export function credentialForm(auth: Auth): readonly CredentialField[] {
  const { needed, optional } = filledIn(auth);
  return [...needed.map((name) => fieldOf(auth, name, true)), ...optional.map((name) => fieldOf(auth, name, false))];
}

function filledIn(auth: Auth): { readonly needed: readonly string[]; readonly optional: readonly string[] } {
  switch (auth.kind) {
    case "bearer":
      return { needed: ["token"], optional: [] };
    case "apiKey":
      return { needed: ["apiKey"], optional: [] };
    case "basic":
      return { needed: fieldsIn(...Object.values(halvesOf(auth))), optional: [] };
    case "headers":
      return { needed: fieldsIn(...Object.values(auth.headers)), optional: [] };
    case "oauth2":
      // With a user's consent there is nothing to type; without one each tenant has a client of its own.
      return { needed: auth.grants.includes("authorization_code") ? [] : ["clientId", "clientSecret"], optional: [] };
    case "jwtBearer":
      return filledForAssertion(auth);
    case "session":
      return { needed: fieldsIn(...textsOf(auth)), optional: [] };
  }
}

function filledForAssertion({ assertion }: JwtBearer): { readonly needed: readonly string[]; readonly optional: readonly string[] } {
  switch (assertion) {
    case "serviceAccount":
      return { needed: ["serviceAccount"], optional: ["subject"] };
    case "privateKey":
      return { needed: ["clientId", "privateKey"], optional: ["keyId", "subject"] };
    case "saml":
      return { needed: ["assertion"], optional: [] };
  }
}

/** Both halves of HTTP basic, before its fields are filled in. */
export function halvesOf({ username = "{username}", password = "{password}" }: Basic): { username: string; password: string } {
  return { username, password };
}

/** All texts of a login that may have fields in braces. */
export function textsOf({ login, headers: always = {} }: Session): readonly string[] {
  const { basic, headers = {}, body = {}, query = {} } = login;
  return [basic?.username ?? "", basic?.password ?? "", ...[headers, body, query, always].flatMap((texts) => Object.values(texts))];
}

/** Names, which are not secret to the one who types them. */
const plain = new Set(["username", "email", "user", "login", "account", "accountId", "clientId", "keyId", "subject", "subdomain"]);
const long = new Set(["serviceAccount", "privateKey", "assertion"]);

function fieldOf({ fields }: Auth, name: string, required: boolean): CredentialField {
  const { label = labelOf(name), secret = !plain.has(name), pattern, help } = fields?.[name] ?? {};
  return {
    name,
    label,
    secret,
    required,
    multiline: long.has(name),
    ...(pattern !== undefined && { pattern }),
    ...(help !== undefined && { help }),
  };
}

/** `apiToken` reads `API token`. */
function labelOf(name: string): string {
  const words = name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
  const shown = words.replace(/\b(api|id)\b/g, (word) => word.toUpperCase());
  return shown.charAt(0).toUpperCase() + shown.slice(1);
}
