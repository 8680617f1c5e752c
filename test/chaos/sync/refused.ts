/** The provider does not take a request: its cursor has expired, or leads nowhere. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
