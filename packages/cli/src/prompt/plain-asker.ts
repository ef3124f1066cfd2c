import { Secret } from "@carapace/config";
import { stripUnsafe } from "@carapace/config/redaction";
import { cleanLine } from "../output/clean.ts";
import type { Asked, Asker, ChooseAsk, LineAsk, LineCheck } from "./asker.ts";
import { floodSay } from "./flood.ts";
import type { KeyFeed } from "./terminal/key-feed.ts";
import { whileWorking } from "./terminal/while-working.ts";

interface PlainAsk {
  readonly feed: KeyFeed;
  readonly write: (text: string) => void;
}

interface Typed {
  readonly question: string;
  readonly isHidden?: boolean;
  readonly until?: Promise<unknown>;
}

/** Questions on a terminal that cannot redraw: lists are numbered, every answer is a line. No escape sequence is sent. */
export function createPlainAsker({ feed, write }: PlainAsk): Asker {
  const say = (text: string): void => write(`${stripUnsafe(text)}\n`);
  /** Asks until the line is an answer. */
  const asking = async <T>(typed: Typed, read: (line: string) => T | Wrong): Promise<Asked<T>> => {
    for (;;) {
      const line = await typedLine(feed, write, typed);
      if (line.kind !== "answer") return line;
      const value = read(line.value);
      if (!(value instanceof Wrong)) return { kind: "answer", value };
      say(value.say);
    }
  };
  const line = (ask: LineAsk, until?: Promise<unknown>): Promise<Asked<string>> => {
    const usual = ask.initial ?? "";
    const shown = usual === "" ? (ask.example === undefined ? "" : ` (as in ${ask.example})`) : ` [${usual}]`;
    return asking({ question: asQuestion(`${ask.message}${shown}`), ...(until && { until }) }, (text) =>
      checked(text === "" ? usual : text, ask.check),
    );
  };
  return {
    choose: (ask) => {
      say(ask.message);
      const usual =
        Math.max(
          0,
          ask.options.findIndex(({ value }) => value === ask.initial),
        ) + 1;
      for (const [index, { label, hint }] of ask.options.entries())
        say(`  ${index + 1}) ${label}${hint === undefined ? "" : ` (${hint})`}`);
      return asking({ question: `Number [${usual}]: ` }, (text) =>
        choice(ask, text === "" ? `${usual}` : text),
      );
    },
    confirm: ({ message, initial }) =>
      asking({ question: `${message} [${initial ? "Y/n" : "y/N"}] ` }, (text) => yesOrNo(text, initial)),
    line: (ask) => line(ask),
    secret: ({ message, check, isShown }) =>
      asking({ question: asQuestion(message), isHidden: !isShown }, (text) => {
        const value = checked(text, check);
        return value instanceof Wrong ? value : new Secret(value);
      }),
    async lineOr<T>(ask: LineAsk, other: Promise<T>) {
      let came: { readonly value: T } | undefined;
      const until = other.then((value) => {
        came = { value };
      });
      const asked = await line(ask, until);
      if (came !== undefined) return { kind: "answer", value: { came: (came as { value: T }).value } };
      return asked.kind === "answer" ? { kind: "answer", value: { typed: asked.value } } : asked;
    },
    during(message, work) {
      say(message);
      return whileWorking(feed, work);
    },
    say,
    begin: say,
    finish: say,
    [Symbol.dispose]: () => feed[Symbol.dispose](),
  };
}

/** Pure. Something to type behind. */
function asQuestion(message: string): string {
  return /[.?!:]$/.test(message) ? `${message} ` : `${message}: `;
}

/** Why a line is no answer. */
class Wrong {
  readonly say: string;
  constructor(say: string) {
    this.say = say;
  }
}

function checked(text: string, check: LineCheck | undefined): string | Wrong {
  const say = check?.(text);
  return say === undefined ? text : new Wrong(say);
}

function choice<V extends string>({ options }: ChooseAsk<V>, text: string): V | Wrong {
  const option = /^\d{1,3}$/.test(text) ? options[Number(text) - 1] : undefined;
  return option?.value ?? new Wrong(`Type a number from 1 to ${options.length}.`);
}

function yesOrNo(text: string, usual: boolean): boolean | Wrong {
  if (text === "") return usual;
  if (/^y(es)?$/i.test(text)) return true;
  return /^no?$/i.test(text) ? false : new Wrong("Type y or n.");
}

/** One line from the keys, echoed unless it is hidden. */
function typedLine(
  feed: KeyFeed,
  write: (text: string) => void,
  { question, isHidden = false, until }: Typed,
): Promise<Asked<string>> {
  const shown = cleanLine(question);
  write(shown);
  return new Promise((resolve) => {
    let typed: string[] = [];
    const end = (asked: Asked<string>): void => {
      feed.stream.off("keypress", press);
      write("\n");
      resolve(asked);
    };
    const erase = (count: number): void => {
      const gone = typed.splice(Math.max(0, typed.length - count));
      if (!isHidden) write("\b \b".repeat(gone.length));
    };
    const press = (text: string | undefined, key: { readonly name?: string }): void => {
      if (key.name === "return") end({ kind: "answer", value: typed.join("").trim() });
      else if (key.name === "escape") end(leftAsked(feed));
      else if (key.name === "backspace") erase(1);
      else if (text !== undefined) {
        typed = [...typed, ...text];
        if (!isHidden) write(text);
      } else if (key.name === "u") erase(typed.length);
    };
    feed.stream.on("keypress", press);
    until?.then(() => feed.stream.listeners("keypress").includes(press) && end({ kind: "back" }));
    feed.open({
      isLine: true,
      onFlood: (length) => {
        write(`\n${floodSay(length)}\n${shown}`);
        typed = [];
      },
    });
  });
}

function leftAsked(feed: KeyFeed): Asked<never> {
  const why = feed.left() ?? "back";
  return why === "back" ? { kind: "back" } : { kind: "stop", why };
}
