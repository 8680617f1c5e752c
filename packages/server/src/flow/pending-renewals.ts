import { BelayError } from "@belay/sdk";
import type { CredentialRefused, CredentialRenewed } from "./protocol.ts";
import type { AskRenewed } from "./thread-connections.ts";

/** A little longer than the main thread waits for a renewal: it knows better why it takes so long. */
const longestWaitMs = 28_000;
const askAgainMs = 1_000;

/** What a thread has asked the main thread about credentials, and is not answered yet. One question for all calls that were refused with the same version. */
export class PendingRenewals {
  readonly #post: (request: CredentialRefused) => void;
  readonly #answers = new Map<number, { readonly key: string; readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  readonly #asked = new Map<string, Promise<void>>();
  #requests = 0;

  constructor(post: (request: CredentialRefused) => void) {
    this.#post = post;
  }

  readonly ask: AskRenewed = async (connection, version, signal) => {
    const key = `${version} ${connection}`;
    const answered = this.#asked.get(key) ?? this.#begin(key, connection, version);
    if (signal === undefined) return await answered;
    const ended = Promise.withResolvers<never>();
    const onAbort = (): void => ended.reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([answered, ended.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };

  answer({ request, error }: CredentialRenewed): void {
    const pending = this.#answers.get(request);
    if (pending === undefined) return;
    this.#answers.delete(request);
    this.#asked.delete(pending.key);
    if (error === undefined) pending.resolve();
    else pending.reject(new BelayError(error.code, error.text, { retry: error.retry, details: { waits: error.waits } }));
  }

  #begin(key: string, connection: string, version: number): Promise<void> {
    const request = (this.#requests += 1);
    const tooLate = setTimeout(() => {
      const text = `The credential of connection "${connection}" was refused, and is still being renewed.`;
      this.answer({ request, error: { code: "CREDENTIAL_RENEWAL_WAITS", text, retry: { afterMs: askAgainMs }, waits: true } });
    }, longestWaitMs);
    const answered = new Promise<void>((resolve, reject) => this.#answers.set(request, { key, resolve, reject })).finally(() =>
      clearTimeout(tooLate),
    );
    // Whoever asked may have given up by then.
    answered.catch(() => {});
    this.#asked.set(key, answered);
    this.#post({ request, connection, version });
    return answered;
  }
}
