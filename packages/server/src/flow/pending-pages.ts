import { BelayError } from "@belay/sdk";
import type { PageAnswer, WalkPage } from "../syncs/index.ts";
import type { WriteAnswer, WriteReport } from "../two-way/index.ts";
import type { PageRead, PageTaken } from "./protocol.ts";

interface Waiting {
  readonly resolve: (answer: PageAnswer | WriteAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** What a thread has told the main thread, and is not known to be on disk yet: pages of walks, and what became of things that are merged. */
export class PendingPages {
  readonly #post: (read: PageRead) => void;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;

  constructor(post: (read: PageRead) => void) {
    this.#post = post;
  }

  /** Resolves when the page is on disk. */
  async keep(run: number, page: WalkPage): Promise<PageAnswer> {
    const answer = await this.#tell(run, page);
    return "goOn" in answer ? answer : mistaken();
  }

  /** Resolves when it is on disk. */
  async report(run: number, report: WriteReport): Promise<WriteAnswer> {
    const answer = await this.#tell(run, report);
    return "kind" in answer ? answer : mistaken();
  }

  #tell(run: number, page: WalkPage | WriteReport): Promise<PageAnswer | WriteAnswer> {
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

function mistaken(): never {
  throw new TypeError("The main thread answered something else than what was asked.");
}
