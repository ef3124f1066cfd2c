import { spellingsOf } from "@carapace/config/redaction";

/** Tells how much of a text's end could be the beginning of a known secret, in any form that the redactor looks for. */
export interface Beginnings {
  /** UTF-16 units of the longest form; 0 without secrets. */
  readonly longest: number;
  /** @returns the length of the longest end of the text with which a form begins, but for a whole one */
  readonly written: (text: string) => number;
  /** The same of a text without blanks, for forms without theirs. */
  readonly bare: (text: string) => number;
}

interface Form {
  readonly text: string;
  /** Fewer units than this say nothing. */
  readonly fewest: number;
}

/** Shorter ones the redactor does not look for either. */
const shortest = 6;
/** Of an encoded form: three characters of base64 give two away, and nearly every word ends like the start of one. */
const fewestEncoded = 4;

/** Prepares known secrets for many texts: what the redactor would find when it is whole must not go out in pieces. */
export function beginningsOf(secrets: readonly string[]): Beginnings {
  const forms = secrets.flatMap((given) => formsOf(given.trim()));
  return {
    longest: Math.max(0, ...forms.map(({ text }) => text.length)),
    written: searchOf(forms),
    bare: searchOf(forms.map((form) => ({ ...form, text: form.text.replace(/\s/g, "") }))),
  };
}

function formsOf(secret: string): Form[] {
  const first = secret.charAt(0);
  return spellingsOf(secret)
    .filter((text) => text.length >= shortest)
    .map((text) => ({ text, fewest: text.startsWith(first) ? 1 : fewestEncoded }));
}

/** One pass over the end of a text, however many forms there are. */
function searchOf(forms: readonly Form[]): Beginnings["written"] {
  const byFirst = Map.groupBy(forms, ({ text }) => text.charAt(0));
  const longest = Math.max(0, ...forms.map(({ text }) => text.length));
  return (text) => {
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at += 1) {
      const same = byFirst.get(text.charAt(at));
      if (same === undefined) continue;
      const end = text.slice(at);
      if (same.some((form) => begins(form, end))) return end.length;
    }
    return 0;
  };
}

function begins(form: Form, end: string): boolean {
  return form.text.length > end.length && end.length >= form.fewest && form.text.startsWith(end);
}
