/** What an attempt to connect came to, if not to a connection. */
const noticeCodes = [
  "declined",
  "way-back-lost",
  "client-refused",
  "key-refused",
  "permission-missing",
  "address-wrong",
  "provider-unavailable",
  "second-account",
  "too-many",
  "failed",
] as const;
export type Notice = (typeof noticeCodes)[number];

/** What happened and what to do, for the person who connects. `{provider}` is put in. */
export const noticeTexts: Readonly<Record<Notice, { readonly happened: string; readonly remedy: string }>> = {
  declined: { happened: "You didn’t give access.", remedy: "Nothing was connected. If that was not what you meant, try again." },
  "way-back-lost": {
    happened: "We could not match what {provider} sent back to your request.",
    remedy: "It may have been used before, or you came back in another browser. Nothing was connected; please start again.",
  },
  "client-refused": {
    happened: "{provider} does not accept our request right now.",
    remedy: "This is ours to fix, not yours. Please tell the people who sent you here.",
  },
  "key-refused": {
    happened: "{provider} does not accept what you entered.",
    remedy: "Check that you copied all of it and that it is still active.",
  },
  "permission-missing": {
    happened: "{provider} knows you, but does not allow what is needed.",
    remedy: "Ask an administrator there for the missing permission, or use another account.",
  },
  "address-wrong": { happened: "We found nothing at this address.", remedy: "Check the name of your account at {provider}." },
  "provider-unavailable": {
    happened: "{provider} does not answer right now, so we could not check this.",
    remedy: "Nothing was saved. Please try again in a few minutes.",
  },
  "second-account": {
    happened: "Another account at {provider} is connected already.",
    remedy: "It has to be disconnected before a new one can take its place.",
  },
  "too-many": { happened: "That were many attempts in a short time.", remedy: "Please ask for a new link." },
  failed: { happened: "Something went wrong on our side.", remedy: "Nothing was connected. Please try again." },
};

export function isNotice(text: string): text is Notice {
  return Object.hasOwn(noticeTexts, text);
}
