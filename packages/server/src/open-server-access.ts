import { type Access, openAccess } from "./access/index.ts";
import { openAudit } from "./audit/index.ts";
import type { Closer, Parts } from "./open-parts.ts";
import type { BelayOptions } from "./options.ts";

/** Opens who may in, and the audit log, which is closed after the server: it writes down the last answers too. */
export function openServerAccess({ database: { db }, cipher, clock, logger }: Parts, options: BelayOptions, closers: Closer[]): Access {
  const { adminToken, publicUrl, oidc, http } = options;
  const audit = openAudit({ db, seal: cipher.seal, clock, logger });
  closers.push(async () => await audit.close());
  return openAccess({ db, audit, cipher, clock, logger, adminToken, publicUrl, oidc, secure: isSecure(publicUrl, http?.host) });
}

/** Off loopback nobody signs in without TLS: where nothing is said of it, a proxy in front is taken for granted, and browsers refuse our cookies if there is none. */
function isSecure(publicUrl: string | undefined, host = "127.0.0.1"): boolean {
  return publicUrl === undefined ? !/^(127\.|localhost$|::1$)/.test(host) : publicUrl.startsWith("https:");
}
