/** What lines must look like: each says in a sentence why one does not. Pure. */
import { matrixFaults } from "@carapace/config";
import type { LineCheck } from "../../../prompt/asker.ts";

const secretsMaxLength = 4096;

/** A key or token: one word of visible ASCII. */
export function keyRule(what: string): LineCheck {
  return (text) => {
    if (text === "") return `Type or paste the ${what}.`;
    if (/\s/.test(text)) return `There is a blank or a line break in it: copy the ${what} alone.`;
    if (!/^[\x21-\x7e]+$/.test(text)) return `There are characters in it that no ${what} has: copy it again.`;
    return text.length > secretsMaxLength ? `That is too long for a ${what}.` : undefined;
  };
}

/** A secret that its owner made up. */
export function passwordRule(fewest: number): LineCheck {
  return (text) =>
    text.length < fewest
      ? `At least ${fewest} characters, please.`
      : text.length > secretsMaxLength
        ? "That is too long."
        : undefined;
}

/** The same, or nothing at all. */
export function orBlank(rule: LineCheck): LineCheck {
  return (text) => (text === "" ? undefined : rule(text));
}

/** @param allowsPlain also http to other machines, as an Ollama at home has it */
export function addressRule(allowsPlain: boolean): LineCheck {
  return (text) => {
    if (!URL.canParse(text)) return "That is no address: it looks like https://host/path.";
    const url = new URL(text);
    if (url.protocol !== "https:" && url.protocol !== "http:") return "The address starts with https://";
    if (url.username !== "" || url.password !== "")
      return "Leave the user name and password out of the address.";
    if (url.search !== "" || url.hash !== "") return "Leave out what follows the ? or # of the address.";
    const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
    if (url.protocol === "http:" && !allowsPlain && !isHere)
      return "The address starts with https://: what is sent there must be encrypted.";
    return undefined;
  };
}

/** @param what as in "the project" */
export function wordRule(what: string, pattern: RegExp): LineCheck {
  return (text) => {
    if (text === "") return `Type ${what}.`;
    return pattern.test(text) ? undefined : `That does not look like ${what}.`;
  };
}

export const portRule: LineCheck = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535
    ? undefined
    : "A port is a number from 1 to 65535.";

const asSentence = (fault: string | undefined) => fault && `That ${fault}.`;

export const homeserverRule: LineCheck = (text) =>
  addressRule(false)(text) ?? asSentence(matrixFaults.homeserverUrl(text));

/** Of those that invite: the server is compared without its port. */
export const matrixServerRule: LineCheck = (text) => asSentence(matrixFaults.allowedServer(text));

export const matrixUserRule: LineCheck = (text) =>
  asSentence(matrixFaults.allowedUser(text) ?? matrixFaults.userId(text));

/** Names apart by commas. */
export function listRule(rule: LineCheck): LineCheck {
  return (text) =>
    listOf(text)
      .map(rule)
      .find((slip) => slip !== undefined);
}

export function listOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
