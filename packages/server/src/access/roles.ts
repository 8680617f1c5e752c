/**
 * Who somebody is to an installation. `admin` runs it and says who else may; `engineer` builds the integrations; `support` helps tenants; `tenant` is a user of one tenant
 * and sees nothing else.
 */
export const roles = ["admin", "engineer", "support", "tenant"] as const;

export type Role = (typeof roles)[number];
