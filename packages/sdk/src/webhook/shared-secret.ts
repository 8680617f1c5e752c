import { hash } from "node:crypto";
import type { Secret } from "../secret.ts";
import { matchesAnySignature } from "./hmac.ts";
import { headerName, readHeader, reject } from "./request-parts.ts";
import type { Verdict, WebhookRequest, WebhookScheme } from "./scheme.ts";
import { readKeys, readSigningKey, readTextKey } from "./secret-keys.ts";

export interface SharedSecretOptions {
  /** The header that holds the secret. */
  readonly header: string;
}

/**
 * No signature at all: the provider sends the secret itself along. Whoever sees one delivery can forge all others, and a delivery may have been
 * changed on its way; so such a webhook must come over TLS, and what it tells is a hint, to be read again from the provider.
 *
 * @throws `SDK_WEBHOOK_SCHEME_INVALID` for what is no header's name; `sign` throws `SDK_WEBHOOK_SECRET_INVALID`.
 * @see https://docs.parseplatform.org/cloudcode/guide/#cloud-code-webhooks `X-Parse-Webhook-Key`
 * @see https://docs.gitlab.com/user/project/integrations/webhooks/ `X-Gitlab-Token`
 */
export function sharedSecret(options: SharedSecretOptions): WebhookScheme {
  const header = headerName("header", options.header);
  return {
    verify({ headers }: WebhookRequest, secrets: readonly Secret[]): Verdict {
      const received = readHeader(headers, header);
      if ("reason" in received) return reject(received.reason);
      // Digests have one length, so the time that it takes to compare them tells nothing of the secret's.
      const expected = readKeys(secrets, readTextKey).map((key) => hash("sha256", key.export()));
      return matchesAnySignature(expected, [hash("sha256", received.value)]) ? { ok: true } : reject("wrong-signature");
    },
    refuse(headers) {
      const received = readHeader(headers, header);
      return "reason" in received ? received.reason : undefined;
    },
    sign(_body: Uint8Array, secret: Secret): Record<string, string> {
      return { [header]: readSigningKey(secret, readTextKey).export().toString("utf8") };
    },
  };
}
