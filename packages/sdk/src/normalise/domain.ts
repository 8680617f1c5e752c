import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/**
 * A name of the DNS as it is asked for: lower case, letters of other alphabets in their ASCII form, no dot at the end. Undefined for what
 * is none, for an address, and for a name of one part.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 63 octets a label, 255 a name
 * @see https://www.rfc-editor.org/rfc/rfc5890#section-2.3 IDNA
 */
export function toDomain(text: string): string | undefined {
  // What a URL parser would take for a path, a port or a user is no part of a name.
  if (text === "" || /[\s/\\:@?#%[\]]/.test(text) || !URL.canParse(`http://${text}`)) return undefined;
  const host = new URL(`http://${text}`).hostname.replace(/\.$/, "");
  const labels = host.split(".");
  const fits = labels.length > 1 && host.length <= 253 && labels.every((each) => label.test(each));
  // 127.1 and 0x7f.1 are addresses; no top-level domain is made of digits.
  return fits && !/^\d+$/.test(labels.at(-1) ?? "") ? host : undefined;
}

/**
 * The domain of a company, from a domain or the address of a web page: `https://www.Acme.example/about` is `acme.example`. A leading
 * `www.` is taken off, because it names a machine.
 *
 * Parts of a larger domain are kept, `shop.acme.example`: where one company's names end and another's begin is not written in the name.
 */
export function normaliseDomain(raw: string): Normalised<string> {
  const text = raw.trim();
  if (text === "") return flagged(raw, "empty");
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  if (hasScheme && !/^https?:/i.test(text)) return flagged(raw, "domain-invalid");
  const address = hasScheme ? text : `http://${text}`;
  const host = URL.canParse(address) ? new URL(address).hostname : "";
  const domain = toDomain(host);
  if (domain === undefined || /@/.test(text.split("/")[hasScheme ? 2 : 0] ?? "")) return flagged(raw, "domain-invalid");
  const bare = withoutWww(domain);
  return { value: bare };
}

/** As often as it is there: what is written once more must not lose another part. */
function withoutWww(domain: string): string {
  const rest = domain.replace(/^www\./, "");
  return rest === domain || !rest.includes(".") ? domain : withoutWww(rest);
}
