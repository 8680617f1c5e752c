/** What the tests use of Elastic's receiver, which comes without types. */
declare module "@elastic/mockotlpserver" {
  /** A message of the protocol, as its official definitions decode it. */
  interface Message {
    toJSON(): Record<string, unknown>;
  }

  interface Options {
    readonly logLevel: string;
    readonly services: readonly ("http" | "grpc" | "ui")[];
    readonly httpHostname: string;
    readonly httpPort: number;
    readonly onTrace: (message: Message) => void;
    readonly onLogs: (message: Message) => void;
    readonly onRequest: (request: { readonly headers: Readonly<Record<string, unknown>> }) => void;
  }

  class MockOtlpServer {
    constructor(options: Options);
    readonly httpUrl: URL;
    start(): Promise<void>;
    close(): Promise<void>;
  }
}
