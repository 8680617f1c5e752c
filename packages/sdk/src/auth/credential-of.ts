import type { Secret } from "../secret.ts";
import type { Auth } from "./kinds.ts";
import type { FieldsIn } from "./template.ts";

type Named<Name extends string> = { readonly [Field in Name]: Secret };

/** The text that an auth gives for a half of HTTP basic, or the default. */
type Half<A, Name extends "username" | "password"> = A extends { readonly [N in Name]: infer Text extends string } ? Text : `{${Name}}`;

type TextsOf<Texts> = Texts extends Readonly<Record<string, infer Text extends string>> ? Text : never;

/** All fields in braces of a session's login. */
type LoginFields<Login> = {
  [Part in keyof Login]: FieldsIn<TextsOf<Login[Part]>>;
}[keyof Login];

/** Those of the headers of every request. */
type HeaderFields<A> = A extends { headers: infer Headers } ? FieldsIn<TextsOf<Headers>> : never;

type Asserted<A> = A extends { assertion: "serviceAccount" }
  ? { readonly serviceAccount: Secret; readonly subject?: Secret }
  : A extends { assertion: "privateKey" }
    ? { readonly clientId: Secret; readonly privateKey: Secret; readonly keyId?: Secret; readonly subject?: Secret }
    : { readonly assertion: Secret };

/** The fields of a credential, by the auth that needs them. */
export type CredentialOf<A extends Auth> = Auth extends A
  ? Readonly<Record<string, Secret>>
  : A extends { kind: "bearer" }
    ? Named<"token">
    : A extends { kind: "apiKey" }
      ? Named<"apiKey">
      : A extends { kind: "basic" }
        ? Named<FieldsIn<Half<A, "username"> | Half<A, "password">>>
        : A extends { kind: "headers"; headers: infer Headers }
          ? Named<FieldsIn<TextsOf<Headers>>>
          : A extends { kind: "jwtBearer" }
            ? Asserted<A> & { readonly accessToken?: Secret }
            : A extends { kind: "session"; login: infer Login }
              ? Named<LoginFields<Login> | HeaderFields<A>> & { readonly accessToken?: Secret }
              : {
                  readonly accessToken?: Secret;
                  readonly refreshToken?: Secret;
                  readonly clientId?: Secret;
                  readonly clientSecret?: Secret;
                };
