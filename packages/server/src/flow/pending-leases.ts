import type { PermitAnswer, PermitAsk } from "../limits/index.ts";
import type { PermitRequest, PermitsLeased } from "./protocol.ts";

/** Longer than a statement may take: after that the answer is lost. */
const longestWaitMs = 40_000;

/** What a thread has asked the main thread of limits, and is not answered yet. */
export class PendingLeases {
  readonly #post: (request: PermitRequest) => void;
  readonly #answers = new Map<number, (answers: readonly PermitAnswer[]) => void>();
  #requests = 0;

  constructor(post: (request: PermitRequest) => void) {
    this.#post = post;
  }

  readonly ask = (asks: readonly PermitAsk[]): Promise<readonly PermitAnswer[]> => {
    const request = (this.#requests += 1);
    return new Promise((resolve) => {
      const tooLate = setTimeout(() => this.answer({ request, answers: [] }), longestWaitMs);
      tooLate.unref();
      this.#answers.set(request, (answers) => {
        clearTimeout(tooLate);
        resolve(answers);
      });
      this.#post({ request, asks });
    });
  };

  answer({ request, answers }: PermitsLeased): void {
    this.#answers.get(request)?.(answers);
    this.#answers.delete(request);
  }
}
