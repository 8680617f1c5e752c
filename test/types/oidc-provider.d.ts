/** What the tests use of oidc-provider, which has no types of its own. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  export interface Payload {
    readonly grantId?: string;
    readonly uid?: string;
    consumed?: number;
    readonly [member: string]: unknown;
  }

  export interface Adapter {
    upsert(id: string, payload: Payload, expiresInSeconds?: number): Promise<void>;
    find(id: string): Promise<Payload | undefined>;
    findByUid(uid: string): Promise<Payload | undefined>;
    findByUserCode(userCode: string): Promise<Payload | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export interface Context {
    readonly path: string;
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    status: number;
    body: unknown;
    type: string;
    redirect(url: string): void;
    get(header: string): string;
    readonly oidc?: {
      readonly params?: Readonly<Record<string, string | undefined>>;
      readonly entities: {
        readonly Grant?: { readonly jti: string };
        readonly RefreshToken?: { readonly grantId: string };
        readonly RotatedRefreshToken?: { readonly grantId: string };
        readonly Client?: { readonly clientId: string };
      };
    };
  }

  interface Token {
    readonly isExpired: boolean;
    readonly clientId: string;
    readonly grantId: string;
    readonly scope: string | undefined;
    save(): Promise<string>;
    destroy(): Promise<void>;
  }

  interface TokenClass {
    new (properties: Readonly<Record<string, unknown>>): Token;
    find(value: string): Promise<Token | undefined>;
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    rejectOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: { new (properties: { readonly accountId: string; readonly clientId: string }): Grant };
    readonly AccessToken: TokenClass;
    readonly RefreshToken: TokenClass;
    readonly Client: { find(id: string): Promise<object | undefined> };
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    on(event: "grant.success", listener: (context: Context) => void): this;
    on(event: "grant.error", listener: (context: Context, error: { error?: string; error_detail?: string }) => void): this;
    on(event: "grant.revoked", listener: (context: Context, grantId: string) => void): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly uid: string; readonly params: Readonly<Record<string, string | undefined>> }>;
    interactionResult(request: IncomingMessage, response: ServerResponse, result: Readonly<Record<string, unknown>>): Promise<string>;
  }
}
