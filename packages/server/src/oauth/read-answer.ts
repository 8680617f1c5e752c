import { valueAt } from "@belay/sdk";
import type { ProviderAnswer } from "./send-request.ts";

/** The members of an answer's body; undefined where it has none that can be read: HTML, an empty body, plain words. */
export function readBody({ text, headers }: ProviderAnswer): Readonly<Record<string, unknown>> | undefined {
  const plain = text.replace(/^\uFEFF/, "").trim();
  // What it is called is not to be trusted: JSON comes as text/html, and forms as text/plain.
  if (plain.startsWith("{")) return parseJson(plain);
  const type = String(headers["content-type"] ?? "");
  const looksLikeForm = /^[\w.-]+=[^\s<>]*$/.test(plain);
  return looksLikeForm && (type.includes("form-urlencoded") || /(^|&)(access_token|error)=/.test(plain))
    ? Object.fromEntries(new URLSearchParams(plain))
    : undefined;
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // an answer that was cut in two is as unreadable as HTML
  }
}

/** A member by dotted path; that of a compact JWT is looked for among its claims: `id_token.sub`. */
export function memberAt(body: Readonly<Record<string, unknown>>, path: string): unknown {
  const found = valueAt(body, path);
  if (found !== undefined) return found;
  const [first = "", ...rest] = path.split(".");
  const token = body[first];
  if (typeof token !== "string" || rest.length === 0) return undefined;
  const [, payload = ""] = token.split(".");
  const claims = parseJson(Buffer.from(payload, "base64url").toString("utf8"));
  return claims === undefined ? undefined : valueAt(claims, rest.join("."));
}

/** A text that says something; numbers count as their digits, as ids often are. */
export function textAt(body: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const value = memberAt(body, path);
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? text : undefined;
}
