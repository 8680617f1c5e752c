import type { ConnectorDefinition } from "../connector/types.ts";
import { httpError } from "./errors.ts";
import type { BelayError } from "../errors/belay-error.ts";

/** Why a URL is refused before its host is looked up. */
export type UrlRefusal = "unreadable" | "scheme" | "plain" | "userinfo" | "metadata" | "host" | "port";

const reasons: Readonly<Record<UrlRefusal, string>> = {
  unreadable: "it is no URL",
  scheme: "its scheme is neither https nor http",
  plain: "it is not encrypted: plain http is for hosts of one's own network that an operator named",
  userinfo: "it carries a user or a password",
  metadata: "its host gives out the credentials of machines",
  host: "its host is none that the connector calls",
  port: "its port is none that the connector calls",
};

/** Names under which clouds give out the credentials of a machine; their addresses are closed too. */
const metadataNames = new Set(["metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal"]);

/** True for a name that leads to a cloud's metadata, however it is written. */
export function isMetadataName(hostname: string): boolean {
  return metadataNames.has(hostname.toLowerCase().replace(/\.+$/, ""));
}

/** Where calls of one connection may go. */
export interface UrlGuard {
  /** The error for a URL that may not be called, else undefined. `details.reason` is a `UrlRefusal`. */
  refuse(url: string | URL): BelayError | undefined;
}

/**
 * Judges URLs by the connector's declared `hosts`. `origin`, the connection's own, is always open: it was judged when it was made.
 *
 * @param hosts Names, or `*.` and the end of names, each with a port where it is not 443.
 */
export function guardUrls(origin: string, hosts: readonly string[] = []): UrlGuard {
  return {
    refuse: (given) => {
      const url = typeof given === "string" ? parse(given) : given;
      const reason = url === undefined ? "unreadable" : judge(url, origin, hosts);
      if (reason === undefined) return undefined;
      return httpError("HTTP_URL_FORBIDDEN", `The URL may not be called: ${reasons[reason]}.`, { details: { reason, sent: false } });
    },
  };
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function judge(url: URL, origin: string, hosts: readonly string[]): UrlRefusal | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "scheme";
  if (url.username !== "" || url.password !== "") return "userinfo";
  if (url.origin === origin) return undefined;
  if (isMetadataName(url.hostname)) return "metadata";
  const ofThisName = hosts.filter((pattern) => fitsHost(url.hostname, nameOf(pattern)));
  if (ofThisName.length === 0) {
    const own = new URL(origin);
    if (url.hostname !== own.hostname) return "host";
    return url.protocol === "http:" && own.protocol === "https:" ? "plain" : "port";
  }
  if (url.protocol === "http:") return "plain";
  return ofThisName.some((pattern) => portOf(pattern) === url.port) ? undefined : "port";
}

/** Whether a host name is meant: itself, or with `*.` in front any name below it. A dot at its end makes it another name. */
function fitsHost(hostname: string, pattern: string): boolean {
  if (pattern === "*") return hostname.includes(".");
  return pattern.startsWith("*.") ? hostname.length > pattern.length && hostname.endsWith(pattern.slice(1)) : hostname === pattern;
}

function nameOf(pattern: string): string {
  return pattern.replace(/:\d+$/, "").toLowerCase();
}

/** As a URL tells it: empty for https's own. */
function portOf(pattern: string): string {
  const port = /:(\d+)$/.exec(pattern)?.[1] ?? "";
  return port === "443" ? "" : port;
}

/**
 * Where the host of a connector's base URL may lie, whatever a connection's settings are: `{subdomain}.zendesk.com` is `*.zendesk.com`. A placeholder
 * that is the whole host leaves it open: `*`.
 */
export function hostPatternOf({ baseUrl }: Pick<ConnectorDefinition, "baseUrl">): string {
  const host = /^https?:\/\/([^/?#]*)/.exec(baseUrl)?.[1]?.replace(/:[^:]*$/, "") ?? "";
  const lastPlaceholder = host.split(".").findLastIndex((label) => label.includes("{"));
  if (lastPlaceholder === -1) return host.toLowerCase();
  const end = host.split(".").slice(lastPlaceholder + 1);
  return ["*", ...end].join(".").toLowerCase();
}

/** Whether a resolved host is one that the base URL and the declared hosts allow. */
export function isHostOf(connector: Pick<ConnectorDefinition, "baseUrl" | "hosts">, hostname: string): boolean {
  const declared = connector.hosts ?? [hostPatternOf(connector)];
  return fitsHost(hostname, hostPatternOf(connector)) && declared.some((pattern) => fitsHost(hostname, nameOf(pattern)));
}
