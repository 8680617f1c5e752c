/** A cookie that only this host sends and gets, over TLS where there is any. */
export interface CookieJar {
  readonly read: (header: string | undefined) => string | undefined;
  /** The header that sets it for so many seconds; 0 takes it away. */
  readonly write: (value: string, maxAgeSeconds: number) => string;
}

/**
 * A cookie under a name that binds it to the host: `__Host-` makes browsers refuse it from neighbours under the same domain and without TLS. On loopback there is no TLS, and
 * so no prefix.
 *
 * `SameSite=Lax`: other sites' forms and scripts send it with nothing that changes something, but a link from elsewhere, or the way back from the identity provider, finds
 * whoever is signed in.
 */
export function cookieJar(name: string, secure: boolean): CookieJar {
  const full = secure ? `__Host-${name}` : name;
  const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
  return {
    read: (header) => {
      for (const pair of header?.split(";") ?? []) {
        const at = pair.indexOf("=");
        if (pair.slice(0, at).trim() === full) return pair.slice(at + 1).trim();
      }
      return undefined;
    },
    write: (value, maxAgeSeconds) => `${full}=${value}; Max-Age=${Math.floor(maxAgeSeconds)}; ${flags}`,
  };
}
