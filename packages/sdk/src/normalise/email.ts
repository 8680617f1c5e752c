import { toDomain } from "./domain.ts";
import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";

/** Atoms with dots between them: RFC 5322 `atext`, and any letter of another alphabet (RFC 6531). */
const dotString = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
/** What stands between the quotes, a backslash before what would end it. */
const quoted = /^"((?:[^"\\\p{Cc}]|\\[\x20-\x7E])*)"$/u;
const literal = /^\[(?:(?:\d{1,3}\.){3}\d{1,3}|IPv6:[0-9a-f:.]+)\]$/i;

const mostOctets = { local: 64, address: 254 } as const;

/**
 * One way to write an e-mail address: the domain in lower case and ASCII, quotes only where they are needed.
 *
 * The part before the `@` keeps its case, dots and tags: only the host that receives it knows whether they matter. Who matches addresses
 * compares `emailKey` of them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2 quotes that are not needed are left out
 * @see https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 lengths
 * @see https://www.rfc-editor.org/rfc/rfc6531 other alphabets
 */
export function normaliseEmail(raw: string): Normalised<string> {
  const text = raw.trim().normalize("NFC");
  if (text === "") return flagged(raw, "empty");
  const at = text.lastIndexOf("@");
  const local = at < 1 ? undefined : toLocal(text.slice(0, at));
  const domain = toHost(text.slice(at + 1));
  const address = `${local}@${domain}`;
  const fits = local !== undefined && domain !== undefined && octets(local) <= mostOctets.local && octets(address) <= mostOctets.address;
  return fits ? { value: address } : flagged(raw, "email-invalid");
}

/** What addresses are compared by: in lower case throughout. No host that matters gives two people addresses that differ in case alone. */
export function emailKey(address: string): string {
  return address.toLowerCase();
}

function toLocal(text: string): string | undefined {
  if (dotString.test(text)) return text;
  const content = quoted.exec(text)?.[1]?.replaceAll(/\\(.)/g, "$1");
  if (content === undefined) return undefined;
  return dotString.test(content) ? content : `"${content.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function toHost(text: string): string | undefined {
  if (!literal.test(text)) return text.endsWith(".") ? undefined : toDomain(text);
  const inner = text.slice(1, -1);
  const address = /^IPv6:/i.test(inner) ? `[${inner.slice(5)}]` : inner;
  if (!URL.canParse(`http://${address}`)) return undefined;
  const { hostname } = new URL(`http://${address}`);
  return hostname.startsWith("[") ? `[IPv6:${hostname.slice(1, -1)}]` : `[${hostname}]`;
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length;
}
