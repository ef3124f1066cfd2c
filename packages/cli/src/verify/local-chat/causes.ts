/** What a failed chat comes to. */
export type Cause =
  | "key"
  | "signIn"
  | "sealed"
  | "quota"
  | "rate"
  | "model"
  | "noModel"
  | "network"
  | "busy"
  | "declined"
  | "absent"
  | "later"
  | "unknown";

// The gateway tells a failed run in a sentence and nothing else; these are its own words, whoever the vendor is.
const causes: readonly (readonly [RegExp, Cause])[] = [
  [/CARAPACE_CONFIG_PASSWORD/, "sealed"],
  [/refused the key|does not let this key/i, "key"],
  [/not signed in|sign in (again|anew)|gave no token/i, "signIn"],
  [/no credit or quota left/i, "quota"],
  [/takes no more requests|limit of the account/i, "rate"],
  [/no model is (chosen|set)/i, "noModel"],
  [/has no model |have the model|no model of that name|inference profile|cannot use tools/i, "model"],
  [/cannot be reached|does not run on this machine|is not installed|certificate of|broke off/i, "network"],
  [/is overloaded|did not answer in time|stopped in the middle|no reply came within/i, "busy"],
  [/declined to answer/i, "declined"],
  [/is not set up|no provider is available|no such provider/i, "absent"],
  [/is not in this version/i, "later"],
];

/** Pure. */
export function causeOf(say: string): Cause {
  return causes.find(([pattern]) => pattern.test(say))?.[1] ?? "unknown";
}
