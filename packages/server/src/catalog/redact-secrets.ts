import type { Connection } from "@belay/sdk";
import { createRedact } from "@belay/sdk/http";

/**
 * Takes what a tenant's connections are entrusted with out of a text that is to be shown, and what looks like a secret: a provider may say back what it was told, and a
 * flow, or a library that it uses, may put into a result or an error whatever it was given.
 *
 * @param ofTenant All connections of the tenant.
 */
export function redactSecretsOf(ofTenant: readonly Connection[]): (text: string) => string {
  const secrets = ofTenant.flatMap(({ credential, webhookSecrets, tls }) => [
    ...Object.values(credential ?? {}),
    ...(webhookSecrets ?? []),
    ...(tls?.key === undefined ? [] : [tls.key]),
  ]);
  const redact = createRedact(Object.fromEntries(secrets.entries()));
  return (text) => redact.text(text);
}
