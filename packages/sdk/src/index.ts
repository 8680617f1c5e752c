/**
 * What an integration author imports: connectors, flows, errors. No database, no server.
 *
 * @module
 */
export { defineConnector } from "./connector/define-connector.ts";
export type { AnyConnector, Connector, EventReference } from "./connector/define-connector.ts";
export type { Client, ItemOutcome, ResourceClient } from "./connector/client-types.ts";
export { idsSpanPlaces, recordPathOf } from "./connector/record-path.ts";
export { readBackOf, wrapOfSent } from "./connector/types.ts";
export { safetyOfItem } from "./connector/bulk.ts";
export type * from "./connector/bulk.ts";
export type * from "./connector/types.ts";
export type * from "./connector/listing.ts";
export type * from "./connector/operation.ts";
export type * from "./connector/oauth2.ts";
export type * from "./connector/simulation.ts";
export { placeholdersOf, refuseSetting } from "./connector/placeholders.ts";
export { valueAt } from "./connector/value-at.ts";
export { readReferences } from "./connector/references.ts";
export type { AnyReferences, PathOf, Reference, ReferenceAt, References } from "./connector/references.ts";
export { defineEvents, hostSource } from "./flow/define-events.ts";
export type { HostEvents } from "./flow/define-events.ts";
export { defineFlow } from "./flow/define-flow.ts";
export type { ClientsOf, ContextOf, Flow, FlowDefinition } from "./flow/define-flow.ts";
export type { FlowContext } from "./flow/context.ts";
export type { Reproduction } from "./flow/reproduction.ts";
export { BelayError, isBelayError } from "./errors/belay-error.ts";
export type { Retry } from "./errors/belay-error.ts";
export { definitionErrors } from "./errors/errors.ts";
export { failureClasses, isFailureClass } from "./errors/failure-classes.ts";
export type { ErrorTable, FailureClass, Recovery } from "./errors/failure-classes.ts";
export type { FailureOwner } from "./errors/failure-owner.ts";
export { failureTexts, registers } from "./errors/failure-texts.ts";
export type { Register, RegisterText } from "./errors/failure-texts.ts";
export { safeActions } from "./errors/safe-actions.ts";
export type { SafeAction } from "./errors/safe-actions.ts";
export type { Bodies, BodyFormat, CsvOptions, DeclaredBodies, FilePart, XmlOptions } from "./formats/index.ts";
export { toMs } from "./duration.ts";
export type { Duration } from "./duration.ts";
export { Secret } from "./secret.ts";
export { validate } from "./schema/index.ts";
export type { Infer, Schema, SchemaIssue, Validation } from "./schema/index.ts";
export { madeAtRunTime } from "./config/connection-ids.ts";
export { defineConfig } from "./config/define-config.ts";
export type { Config, ConfigOf, Connection, ConnectionTls } from "./config/define-config.ts";
export type { OAuthClient } from "./config/oauth-clients.ts";
export { obtainsToken } from "./auth/kinds.ts";
export type * from "./auth/kinds.ts";
export type * from "./auth/token-answer.ts";
export { asBearer } from "./auth/sending.ts";
export type { Sending } from "./auth/sending.ts";
export type { CredentialOf } from "./auth/credential-of.ts";
export { credentialForm, fieldsOf } from "./auth/fields.ts";
export type { CredentialField, DeclaredField, DeclaredFields } from "./auth/fields.ts";
export { fieldsIn, fill } from "./auth/template.ts";
export type { FieldsIn } from "./auth/template.ts";
export { authorize } from "./auth/authorize.ts";
export type { Authorization } from "./auth/authorize.ts";
