import { authorize } from "../auth/authorize.ts";
import type { Authorization } from "../auth/authorize.ts";
import type { Credential, Credentials } from "../auth/credentials.ts";
import type { Auth } from "../auth/kinds.ts";
import type { Layer } from "./outbound.ts";

/** Puts the credential on a copy of the request. What proves it is worked out again only when the credential is another one. */
export function auth(scheme: Auth, credentials: Credentials): Layer {
  let known: Credential | undefined;
  let proof: Authorization | undefined;
  return (next) => (request) => {
    try {
      const credential = credentials.current();
      if (proof === undefined || credential !== known) {
        proof = authorize(scheme, credential);
        known = credential;
      }
    } catch (error) {
      return Promise.reject(error);
    }
    const { headers, query } = proof;
    return next({ ...request, path: withQuery(request.path, query), headers: { ...request.headers, ...headers } });
  };
}

/** A parameter of the same name goes: it came with a provider's link to the next page, and may be an older key. */
function withQuery(path: string, query: Authorization["query"]): string {
  const added = Object.entries(query);
  if (added.length === 0) return path;
  const [, below = path, given = ""] = /^([^?]*)\?(.*)$/s.exec(path) ?? [];
  const kept = given.split("&").filter((pair) => pair !== "" && !added.some(([name]) => decodeName(pair) === name));
  return `${below}?${[...kept, ...added.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)].join("&")}`;
}

function decodeName(pair: string): string | undefined {
  return new URLSearchParams(pair).keys().next().value;
}
