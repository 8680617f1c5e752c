import { type Connection, Secret } from "@belay/sdk";
import type { WebhookSecrets } from "../catalog/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { ConnectionRow } from "./store.ts";

/** A row as the rest of Belay knows connections; without a credential, which the book of credentials has. */
export function toConnection({ id, tenant, connector, settings, baseUrl, limits, endpoint }: ConnectionRow): Connection {
  return {
    id,
    tenant,
    connector,
    settings,
    ...(baseUrl !== null && { baseUrl }),
    ...(limits !== null && { limits }),
    ...(endpoint !== null && { endpoint }),
  };
}

/** Bound to the connection: what was sealed for one opens for no other. */
export function webhookSecretsPurpose(id: string): string {
  return `connection.webhook_secrets ${id}`;
}

/** The webhook secrets of a row, opened when the first webhook arrives: at a start tens of thousands would have to be. */
export function webhookSecretsOf(cipher: Cipher, { tenant, id, webhookSecrets }: ConnectionRow): WebhookSecrets {
  if (webhookSecrets === null) return () => [];
  let opened: readonly Secret[] | undefined;
  return () =>
    opened ??
    cipher.open([{ tenant, purpose: webhookSecretsPurpose(id), value: webhookSecrets }]).then(([bytes]) => {
      opened = bytes === undefined ? [] : parseTexts(bytes).map((text) => new Secret(text));
      return opened;
    });
}

export function sealableTexts(texts: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(texts));
}

function parseTexts(bytes: Uint8Array): string[] {
  const parsed: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  return Array.isArray(parsed) ? parsed.filter((each) => typeof each === "string") : [];
}
