import { authorize } from "../auth/authorize.ts";
import type { AuthorizationHeader } from "../auth/authorize.ts";
import type { Credential, Credentials } from "../auth/credentials.ts";
import type { Auth } from "../connector/types.ts";
import type { Layer } from "./outbound.ts";

/** Puts the credential on a copy of the request. The header is worked out again only when the credential is another one. */
export function auth(scheme: Auth, credentials: Credentials): Layer {
  let known: Credential | undefined;
  let header: AuthorizationHeader | undefined;
  return (next) => (request) => {
    try {
      const credential = credentials.current();
      if (header === undefined || credential !== known) {
        header = authorize(scheme, credential);
        known = credential;
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return next({ ...request, headers: { ...request.headers, [header.name]: header.value } });
  };
}
