import { type Permission, type PermissionRow, permissions } from "./permissions.ts";
import type { Role } from "./roles.ts";

/** What of a request goes into the audit log. */
export type RequestAudit = "none" | "read" | "change";

/** On whose behalf a request is made. */
export interface Principal {
  /** `apiKey`: a program, the admin token included. `operator`: a person of ours who signed in. `session`: a person of a tenant, with a short-lived link. */
  readonly kind: "apiKey" | "operator" | "session";
  readonly id: string;
  readonly role: Role;
  /** The only tenant whose things it sees; `undefined`: those of all. */
  readonly tenant: string | undefined;
  /** As it stands in events and in the audit log: `key:…`, `operator:…`, or `admin` for the admin token. No personal data. */
  readonly actor: string;
  /** Fewer permissions than the role has; default: all of them. */
  readonly permissions?: readonly Permission[];
}

/** Who holds the admin token: the first way in, while there are no keys and no operators. */
export const administrator: Principal = { kind: "apiKey", id: "admin", role: "admin", tenant: undefined, actor: "admin" };

/** Whether a principal has a permission: by its role, unless its key was given fewer, or it is confined to a tenant and the permission is not. */
export function isPermitted({ role, tenant, permissions: given }: Principal, permission: Permission): boolean {
  const row: PermissionRow = permissions[permission];
  return (
    row.roles.includes(role) && (given === undefined || given.includes(permission)) && (tenant === undefined || row.of !== "installation")
  );
}
