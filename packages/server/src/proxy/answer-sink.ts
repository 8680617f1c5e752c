import type { AnswerSink, OutboundResponse } from "@belay/sdk/http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerHeaders } from "./headers.ts";

/** An answer up to this length leaves in one piece. */
const longestHeld = 65_536;
/** An error's body longer than this is not looked at: it goes to the caller as it comes, and the call is not repeated. */
const longestJudged = 1024 * 1024;

/** Gives the provider's answer to the caller while it arrives. Errors are held back, because there may be another attempt. */
export class ResponseSink implements AnswerSink {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #attempts: readonly unknown[];
  readonly #hide: (address: string) => string;
  #held: Buffer[] | undefined;

  /** `attempts`: those that have ended. `hide`: takes the credential out of an address. */
  constructor(request: IncomingMessage, response: ServerResponse, attempts: readonly unknown[], hide: (address: string) => string) {
    this.#request = request;
    this.#response = response;
    this.#attempts = attempts;
    this.#hide = hide;
  }

  begin(status: number, headers: OutboundResponse["headers"]): boolean {
    const length = Number(headers["content-length"]);
    if (status >= 400 && !(length > longestJudged)) return false;
    this.#writeHead(status, headers, this.#attempts.length + 1);
    if (length <= longestHeld) this.#held = [];
    return true;
  }

  write(chunk: Buffer): boolean {
    if (this.#held === undefined) return this.#response.write(chunk);
    this.#held.push(chunk);
    return true;
  }

  onDrain(resume: () => void): void {
    if (this.#held === undefined) this.#response.on("drain", resume);
  }

  end(): void {
    const [first, ...others] = this.#held ?? [];
    if (first === undefined) this.#response.end();
    else this.#response.end(others.length === 0 ? first : Buffer.concat([first, ...others]));
  }

  /** Gives an answer that was held back. */
  giveWhole({ status, headers, bytes }: OutboundResponse): void {
    this.#writeHead(status, headers, this.#attempts.length);
    this.#response.end(bytes);
  }

  #writeHead(status: number, headers: OutboundResponse["headers"], attempts: number): void {
    const passed = answerHeaders(headers, this.#hide);
    if (attempts > 1) passed["x-belay-attempts"] = attempts;
    // The rest of a request that nobody wants any more is not waited for.
    if (!this.#request.complete) passed["connection"] = "close";
    this.#response.writeHead(status, passed);
  }
}
