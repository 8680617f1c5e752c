import { BelayError } from "@belay/sdk";
import type { PageAnswer, WalkPage } from "../syncs/index.ts";
import type { PageRead, PageTaken } from "./protocol.ts";

interface Waiting {
  readonly resolve: (answer: PageAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Pages that a thread has given to the main thread, and that are not known to be on disk yet. */
export class PendingPages {
  readonly #post: (read: PageRead) => void;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;

  constructor(post: (read: PageRead) => void) {
    this.#post = post;
  }

  /** Resolves when the page is on disk. */
  keep(run: number, page: WalkPage): Promise<PageAnswer> {
    const request = (this.#requests += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      this.#post({ run, request, page });
    });
  }

  answer({ request, answer, error }: PageTaken): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (answer !== undefined) waiting?.resolve(answer);
    else if (error !== undefined)
      waiting?.reject(new BelayError(error.code, error.text, { retry: error.retry, details: error.waits ? { waits: true } : {} }));
  }
}
