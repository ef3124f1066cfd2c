import { StateError } from "../errors.ts";

/** JSON that may be broken: then undefined. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * Checks text that is stored as it is, not as JSON (which escapes both): the engine's text columns end at a NUL, and it
 * writes another sign for half a surrogate pair, so that the record would not be found, or not match its seal, again.
 * @param what For the sentence: `The key of a note`.
 * @throws StateError `invalid` if the engine could not keep it unchanged
 */
export function assertStorable(what: string, value: string): void {
  if (value.includes("\0")) throw new StateError("invalid", `${what} holds a NUL character: leave it out.`);
  assertWellFormed(what, value);
}

/** The part of `assertStorable` that every text handed to the engine must pass, to be looked for too. */
export function assertWellFormed(what: string, value: string): void {
  if (value.isWellFormed()) return;
  throw new StateError("invalid", `${what} holds half a character (a lone surrogate): leave it out.`);
}
