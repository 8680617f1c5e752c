import { type Connection, isBelayError } from "@belay/sdk";
import type { ConnectionDefinition, ConnectionUpdate, CredentialRenewed } from "./protocol.ts";
import type { NeededConnection } from "./run-needs.ts";

interface Known {
  /** The very object that was told; undefined: the configuration's. */
  readonly connection: Connection | undefined;
  /** 0: the configuration's. */
  readonly version: number;
}

/** What one thread has been told of connections, so that it is told only what is new to it. */
export class KnownConnections {
  readonly #known = new Map<string, Known>();

  /** What of this it lacks; it counts as told from now on. */
  missing(needed: readonly NeededConnection[]): ConnectionUpdate[] {
    const updates: ConnectionUpdate[] = [];
    for (const { id, connection, configured, given } of needed) {
      const known = this.#known.get(id);
      if (connection === undefined) {
        if (this.#known.delete(id)) updates.push({ id, gone: true });
        continue;
      }
      const version = given?.version ?? 0;
      const told = configured ? undefined : connection;
      if (known === undefined ? configured && version === 0 : known.connection === told && known.version === version) continue;
      this.#known.set(id, { connection: told, version });
      updates.push({
        id,
        ...(told !== undefined && known?.connection !== told && { definition: toDefinition(told) }),
        ...(given !== undefined && version !== (known?.version ?? 0) && { credential: { version, fields: reveal(given.fields) } }),
      });
    }
    return updates;
  }
}

function toDefinition({
  credential: _credential,
  webhookSecrets: _secrets,
  endpoint: _endpoint,
  ...definition
}: Connection): ConnectionDefinition {
  return definition;
}

/** Only plain data can be copied to another thread; there they are secrets again at once. */
function reveal(fields: NonNullable<NeededConnection["given"]>["fields"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, secret]) => [name, secret.reveal()]));
}

/** An error as plain data. */
export function toRefusal(error: unknown): NonNullable<CredentialRenewed["error"]> {
  if (isBelayError(error)) return { code: error.code, text: error.message, retry: error.retry, waits: error.details["waits"] === true };
  return { code: "CREDENTIAL_RENEWAL_FAILED", text: "The credential could not be renewed.", retry: "backoff", waits: false };
}
