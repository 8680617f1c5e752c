import { BelayError } from "@belay/sdk";
import type { StoredKey } from "./key-store.ts";
import { type Permission, permissions } from "./permissions.ts";
import { isPermitted, type Principal } from "./principal.ts";

/**
 * Nobody hands out more than they have: a key that was given few permissions, `keys.manage` among them, could make itself one with all of them. An operator is not held to
 * what a cookie is good for.
 *
 * @throws `ACCESS_DENIED` naming what is missing.
 */
export function refuseMoreThanOwn(principal: Principal, wish: Pick<StoredKey, "role" | "tenant" | "permissions">): void {
  if (principal.kind !== "apiKey" || principal.permissions === undefined) return;
  const given = wish.permissions ?? undefined;
  const wanted = { ...wish, kind: "apiKey", id: "", actor: "", tenant: wish.tenant ?? undefined } as const;
  const missing = (Object.keys(permissions) as Permission[]).find(
    (name) =>
      (given === undefined || given.includes(name)) &&
      isPermitted({ ...wanted, permissions: [name] }, name) &&
      !isPermitted(principal, name),
  );
  if (missing !== undefined)
    throw new BelayError("ACCESS_DENIED", `The key would have ${missing}, which this one does not have: name its permissions.`);
}
