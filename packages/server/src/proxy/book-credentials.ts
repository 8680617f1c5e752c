import type { Connection } from "@belay/sdk";
import type { Credential, Credentials } from "@belay/sdk/http";
import type { CredentialBook, GivenCredential } from "../credentials/index.ts";

/** The part of the book that calls need. */
export type CredentialSource = Pick<CredentialBook, "current" | "refused">;

/** The credential of one connection, as the book of credentials has it: asked for before each call, because a renewal may have to be waited for. */
export class BookCredentials implements Credentials {
  readonly #book: CredentialSource;
  readonly #connection: Connection;
  #given: GivenCredential | undefined;

  constructor(book: CredentialSource, connection: Connection) {
    this.#book = book;
    this.#connection = connection;
  }

  /** No promise when nothing has to be waited for. @throws the codes of the book. */
  prepare(): Promise<void> | undefined {
    const given = this.#book.current(this.#connection);
    if (given instanceof Promise)
      return given.then((fresh) => {
        this.#given = fresh;
      });
    this.#given = given;
    return undefined;
  }

  current(): Credential {
    return this.#given?.fields ?? {};
  }

  /** Absent for one that stays as the configuration has it: the same would only be refused again. */
  get refresh(): (() => Promise<void>) | undefined {
    const given = this.#given;
    if (given === undefined || given.version === 0) return undefined;
    return async () => {
      this.#given = await this.#book.refused(this.#connection, given.version);
    };
  }
}
