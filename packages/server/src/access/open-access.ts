import type { AuditLog } from "../audit/index.ts";
import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { recognizeAdminToken } from "./admin-token.ts";
import type { Authenticate } from "./guard-routes.ts";
import { openKeyBook } from "./key-book.ts";

export interface AccessParts {
  readonly db: Db;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The first way in. */
  readonly adminToken: string;
}

/** Who may in, and what is remembered of it. */
export interface Access {
  readonly audit: AuditLog;
  readonly authenticate: Authenticate;
  /** Forgets an API key that was changed here. */
  readonly forgetKey: (id: string) => void;
}

const scheme = "Bearer ";

/** Opens what recognizes principals: the admin token and API keys. */
export function openAccess({ db, audit, clock, logger, adminToken }: AccessParts): Access {
  const recognize = recognizeAdminToken(adminToken);
  const keys = openKeyBook({ db, clock, logger });
  return {
    audit,
    authenticate: ({ headers: { authorization } }) => {
      if (authorization === undefined) return undefined;
      const key = authorization.startsWith(scheme) ? keys.recognize(authorization.slice(scheme.length)) : undefined;
      return key ?? recognize(authorization);
    },
    forgetKey: keys.forget,
  };
}
