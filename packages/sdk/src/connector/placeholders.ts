/** Where in a base URL a placeholder stands: that decides which values can be told apart from a piece of URL. */
type Place = "label" | "host" | "port" | "segment";

const fits: Readonly<Record<Place, RegExp>> = {
  // Dots do no harm here: what stands behind the placeholder stays the end of the name.
  label: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
  // With a dot inside, or localhost would be one; its last part is no number, or an address would be.
  host: /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?![0-9])[A-Za-z0-9-]*[A-Za-z0-9]$/,
  port: /^[1-9][0-9]{0,4}$/,
  segment: /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,200}$/,
};

const remedies: Readonly<Record<Place, string>> = {
  label: "It is a part of the host's name: use letters, digits, dashes and dots between them only.",
  host: "It is the host's name: use letters, digits, dashes and dots only, such as projects.example.com.",
  port: "It is the port: give a number.",
  segment: "It is a part of the path: use letters, digits, dots and dashes only.",
};

/** The names of a base URL's placeholders, in their order. */
export function placeholdersOf(baseUrl: string): readonly string[] {
  return [...baseUrl.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
}

/**
 * Why a value cannot stand for a placeholder, as the sentence that tells how to mend it; undefined when it can. A value with a slash, a `#` or an `@` could end the host
 * and begin another one, to which the credential would go.
 *
 * @param baseUrl The connector's, with its placeholders.
 */
export function refuseSetting(baseUrl: string, name: string, value: string): string | undefined {
  const at = baseUrl.indexOf(`{${name}}`);
  if (at === -1) return undefined;
  const place = placeOf(baseUrl, at, `{${name}}`);
  return fits[place].test(value) ? undefined : remedies[place];
}

function placeOf(baseUrl: string, at: number, placeholder: string): Place {
  const begin = baseUrl.indexOf("://") + 3;
  const slash = baseUrl.indexOf("/", begin);
  if (slash !== -1 && at > slash) return "segment";
  const authority = baseUrl.slice(begin, slash === -1 ? undefined : slash);
  const [host = ""] = authority.split(":");
  if (at - begin > host.length) return "port";
  return host === placeholder ? "host" : "label";
}
