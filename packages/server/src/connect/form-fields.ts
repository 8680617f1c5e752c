import { type AnyConnector, type CredentialField, credentialForm, Secret } from "@belay/sdk";
import { placeholdersOf, refuseSetting } from "@belay/sdk/http";
import { sendsUser } from "./create-session.ts";
import { html, type Html } from "./html.ts";
import type { Fields } from "./parts.ts";

/** What somebody fills in: settings of the address, and the fields of a credential where no one is sent to the provider. */
export interface FormField extends Omit<CredentialField, "pattern"> {
  /** As it stands in the form: `settings.subdomain`, `credential.apiKey`. */
  readonly input: string;
  /** Why a value cannot be; undefined when it can. */
  readonly refuse: (value: string) => string | undefined;
}

const longest = { line: 4_096, lines: 32_768 };

/** The fields of a connector's form. @param given Settings that are known already, and not asked for; `undefined`: none is needed. */
export function fieldsOfForm(connector: AnyConnector, given: Readonly<Record<string, string>> | undefined): FormField[] {
  const { baseUrl } = connector;
  const settings = given === undefined ? [] : [...new Set(placeholdersOf(baseUrl))].filter((name) => !Object.hasOwn(given, name));
  return [
    ...settings.map((name) => ({
      name,
      input: `settings.${name}`,
      label: labelOf(name),
      secret: false,
      required: true,
      multiline: false,
      help: `A part of your address: ${baseUrl.replaceAll(/\{(\w+)\}/g, "[$1]")}`,
      refuse: (value: string) => refuseSetting(baseUrl, name, value),
    })),
    ...(sendsUser(connector) ? [] : credentialForm(connector.auth)).map(({ pattern, ...field }) => ({
      ...field,
      input: `credential.${field.name}`,
      refuse: (value: string) =>
        pattern !== undefined && !new RegExp(`^(?:${pattern})$`, "v").test(value)
          ? `This is not the form that a valid ${inSentence(field.label)} has; check that you copied all of it.`
          : undefined,
    })),
  ];
}

/** What was filled in, or what is wrong with it, by field. */
export type Filled =
  | { readonly kind: "filled"; readonly settings: Readonly<Record<string, string>>; readonly credential: Fields }
  | { readonly kind: "wrong"; readonly mistakes: ReadonlyMap<string, string> };

export function readForm(fields: readonly FormField[], form: URLSearchParams): Filled {
  const mistakes = new Map<string, string>();
  const settings: Record<string, string> = {};
  const credential: Record<string, Secret> = {};
  for (const field of fields) {
    // Pasted with the space around it, as often as not.
    const value = (form.get(field.input) ?? "").trim();
    const mistake = mistakeOf(field, value);
    if (mistake !== undefined) mistakes.set(field.input, mistake);
    else if (value !== "" && field.input.startsWith("settings.")) settings[field.name] = value;
    else if (value !== "") credential[field.name] = new Secret(value);
  }
  return mistakes.size > 0 ? { kind: "wrong", mistakes } : { kind: "filled", settings, credential };
}

function mistakeOf(field: FormField, value: string): string | undefined {
  if (value === "") return field.required ? `Enter your ${inSentence(field.label)}.` : undefined;
  if (value.length > (field.multiline ? longest.lines : longest.line)) return "This is too long.";
  // A header takes nothing else; in a file of several lines there are line ends.
  if (field.multiline ? value.includes("\0") : /\p{Cc}/u.test(value))
    return "There are characters in it that cannot be typed; enter it again.";
  return field.refuse(value);
}

/** The inputs; what was wrong stands beside them, and secrets are not shown again. */
export function renderFields(fields: readonly FormField[], form: URLSearchParams, mistakes: ReadonlyMap<string, string>): Html[] {
  const first = fields.find(({ input }) => mistakes.has(input))?.input ?? fields[0]?.input;
  return fields.map((field) => {
    const { input, label, help, secret, required, multiline } = field;
    const mistake = mistakes.get(input);
    const describedBy = [...(help === undefined ? [] : [`${input}-help`]), ...(mistake === undefined ? [] : [`${input}-wrong`])].join(" ");
    const attributes = html`id="${input}" name="${input}" ${required && html`required`} ${input === first && html`autofocus`}
    autocomplete="off" autocapitalize="none" spellcheck="false" ${describedBy !== "" && html`aria-describedby="${describedBy}"`}
    ${mistake !== undefined && html`aria-invalid="true"`}`;
    const value = secret ? "" : (form.get(input) ?? "");
    return html`<div class="field">
      <label for="${input}">${label}${!required && " (optional)"}</label>
      ${help !== undefined && html`<span class="help" id="${input}-help">${help}</span>`}
      ${
        multiline
          ? html`<textarea rows="5" ${attributes}></textarea>`
          : html`<input type="${secret ? "password" : "text"}" value="${value}" ${attributes} />`
      }
      ${mistake !== undefined && html`<span class="wrong" id="${input}-wrong">${mistake}</span>`}
    </div>`;
  });
}

function labelOf(name: string): string {
  const words = name
    .replaceAll(/([A-Z])/g, " $1")
    .replaceAll("_", " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `API token` stays, `Password` becomes `password`. */
function inSentence(label: string): string {
  return /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);
}
