import type { OAuth2, OAuthClient, TokenAuth } from "@belay/sdk";
import type { Clock, PipelineTarget } from "@belay/sdk/http";

/** What a conversation with a token endpoint needs. */
export interface TokenParts<A extends TokenAuth = TokenAuth> {
  /** Placeholders filled, endpoints absolute and discovered: what `resolveEndpoints` gives. */
  readonly auth: A;
  /** Absent where the credential itself says who asks. */
  readonly client?: OAuthClient;
  /** Guarded: it decides which addresses may be reached. */
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** For one answer, from connecting to its last byte. Default 30,000: what is cut off may be the grant. */
  readonly timeoutMs?: number;
}

export type Dispatcher = PipelineTarget["dispatcher"];

/** The same for `oauth2` with a client. */
export interface OAuthParts extends TokenParts<OAuth2> {
  readonly client: OAuthClient;
}
