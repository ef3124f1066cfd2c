import { Secret } from "@carapace/config";
import { stripUnsafe } from "@carapace/config/redaction";
import * as clack from "@clack/prompts";
import { wrap } from "../command/wrap.ts";
import { cleanLine } from "../output/clean.ts";
import type { Asked, Asker, LineAsk, LineCheck, SecretAsk, Tone } from "./asker.ts";
import { floodSay } from "./flood.ts";
import type { Drawing } from "./terminal/drawing.ts";
import type { KeyFeed } from "./terminal/key-feed.ts";
import { whileWorking } from "./terminal/while-working.ts";

/** Width of the bar and the blanks before every line. */
const guideWidth = 3;
const narrowest = 10;
const bar = "│";

interface RichAsk {
  readonly feed: KeyFeed;
  readonly drawing: Drawing;
}

/** Questions that are drawn and redrawn: a list to move in, a line to edit. */
export function createRichAsker({ feed, drawing }: RichAsk): Asker {
  const io = { input: feed.stream, output: drawing } as const;
  const lines = (text: string): string[] => {
    const width = Math.max(drawing.columns - guideWidth, narrowest);
    return stripUnsafe(text)
      .split("\n")
      .flatMap((line) => wrap(line, width));
  };
  // The library puts its bar before further lines of a list's message, but not of a line's.
  const title = (message: string): string => lines(message).join(`\n${bar}  `);
  const typedLine = (ask: LineAsk, signal?: AbortSignal): Promise<Asked<string>> => {
    const { initial = "", example } = ask;
    const guard = floodGuard(feed, (text) => ask.check?.(text === "" ? initial : text));
    const shown = initial === "" ? example : initial;
    const answer = clack.text({
      ...io,
      message: title(ask.message),
      validate: guard.check,
      defaultValue: initial,
      ...(signal && { signal }),
      ...(shown !== undefined && { placeholder: cleanLine(shown) }),
    });
    feed.open({ isLine: true, onFlood: guard.refuse });
    return settled(feed, answer, (text) => text.trim());
  };
  const typedSecret = (ask: SecretAsk): Promise<Asked<Secret>> => {
    const guard = floodGuard(feed, ask.check);
    const answer = clack.password({
      ...io,
      message: title(ask.message),
      validate: guard.check,
      clearOnError: true,
    });
    feed.open({ isLine: true, onFlood: guard.refuse });
    return settled(feed, answer, (text) => new Secret(text.trim()));
  };
  return {
    choose({ message, options, initial }) {
      const shown: clack.Option<string>[] = options.map(({ value, label, hint }) => ({
        value,
        label: cleanLine(label),
        ...(hint !== undefined && { hint: cleanLine(hint) }),
      }));
      const answer = clack.select<string>({
        ...io,
        message: lines(message).join("\n"),
        options: shown,
        showInstructions: false,
        ...(initial !== undefined && { initialValue: initial }),
      });
      feed.open({ isLine: false });
      return settled(feed, answer, (value) => firstOf(options, value));
    },
    confirm({ message, initial }) {
      const answer = clack.confirm({ ...io, message: lines(message).join("\n"), initialValue: initial });
      feed.open({ isLine: false });
      return settled(feed, answer, (value) => value);
    },
    line: (ask) => typedLine(ask),
    async secret(ask) {
      if (!ask.isShown) return await typedSecret(ask);
      const asked = await typedLine(ask);
      return asked.kind === "answer" ? { kind: "answer", value: new Secret(asked.value) } : asked;
    },
    async lineOr<T>(ask: LineAsk, other: Promise<T>) {
      const over = new AbortController();
      const came = other.then((value) => {
        over.abort();
        return { kind: "answer", value: { came: value } } as const;
      });
      const asked = await typedLine(ask, over.signal);
      if (over.signal.aborted) return await came;
      return asked.kind === "answer" ? { kind: "answer", value: { typed: asked.value } } : asked;
    },
    during(message, work) {
      clack.log.step(lines(message).join("\n"), { output: drawing });
      return whileWorking(feed, work);
    },
    say: (text, tone = "plain") => speak[tone](lines(text).join("\n"), { output: drawing }),
    begin: (text) => clack.intro(cleanLine(text), { output: drawing }),
    finish: (text) => clack.outro(lines(text).join("\n"), { output: drawing }),
    [Symbol.dispose]: () => {
      feed[Symbol.dispose]();
      drawing.destroy();
    },
  };
}

const speak: { readonly [T in Tone]: (text: string, to: { output: Drawing }) => void } = {
  plain: clack.log.message,
  good: clack.log.success,
  warning: clack.log.warn,
  bad: clack.log.error,
};

/** Why a question ended decides what came of it: the library itself knows one way of leaving only. */
async function settled<R, T>(
  feed: KeyFeed,
  answer: Promise<R | typeof clack.CANCEL_SYMBOL>,
  read: (value: R) => T,
): Promise<Asked<T>> {
  const value = await answer;
  if (!clack.isCancel(value)) return { kind: "answer", value: read(value) };
  const why = feed.left() ?? "back";
  return why === "back" ? { kind: "back" } : { kind: "stop", why };
}

/** A flood is refused by the question itself, as a wrong line is: by an Enter whose check says why. */
function floodGuard(feed: KeyFeed, check: LineCheck | undefined) {
  let refusal: string | undefined;
  return {
    check(text: string | undefined): string | undefined {
      const say = refusal;
      refusal = undefined;
      return say ?? check?.((text ?? "").trim());
    },
    refuse(length: number): void {
      refusal = floodSay(length);
      feed.enter();
    },
  };
}

function firstOf<V extends string>(options: readonly { readonly value: V }[], value: string): V {
  const option = options.find((one) => one.value === value);
  if (option === undefined) throw new Error("the answer is none of the options");
  return option.value;
}
