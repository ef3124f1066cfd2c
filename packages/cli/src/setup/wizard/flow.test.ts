import { expect, test } from "bun:test";
import type { Asker } from "../../prompt/asker.ts";
import type { Answers } from "./answers.ts";
import type { StepContext } from "./context.ts";
import { type AnyStep, type FlowEnd, runFlow, type Stepped, step } from "./flow.ts";

type Said = Stepped<never> | { readonly kind: "answer"; readonly value: unknown };
const answer = (value: unknown): Said => ({ kind: "answer", value });
const back = { kind: "back" } as const;

/** A walk through four questions, with what is said at each in turn. */
async function walk(
  said: readonly Said[],
  more: { known?: Partial<Answers>; wished?: Partial<Answers> } = {},
) {
  const rest = [...said];
  const asked: string[] = [];
  const proposed: unknown[] = [];
  const kept: Partial<Answers>[] = [];
  const question = <K extends keyof Answers>(
    sets: K,
    isAsked: (context: StepContext) => boolean,
    isSilent = false,
  ): AnyStep =>
    step({
      sets,
      isAsked,
      isSilent: () => isSilent,
      ask: async (_context, before) => {
        asked.push(sets);
        proposed.push(before);
        return (rest.shift() ?? { kind: "abort" }) as Stepped<Answers[K]>;
      },
    });
  const { known = {}, wished = {} } = more;
  const steps = [
    question("pace", () => true),
    question("provider", () => wished.provider === undefined),
    question("model", ({ answers }) => answers.provider !== "offline" && wished.model === undefined),
    question("live", ({ answers }) => answers.provider !== "offline", true),
    question("consent", () => true),
  ];
  const context = { asker: {} as Asker, wished } as unknown as Omit<StepContext, "answers">;
  const end: FlowEnd = await runFlow({
    ...{ steps, context, answers: { ...known, ...wished } },
    onAnswer: (answers) => kept.push(answers),
  });
  return { asked, proposed, kept, end };
}

const quick = answer("quick");
const live = answer({ status: "pass", detail: "" });

test("questions come in their order, those that do not apply are left out", async () => {
  const { asked, end } = await walk([quick, answer("offline"), answer("write")]);
  expect(asked).toEqual(["pace", "provider", "consent"]);
  expect(end).toEqual({ kind: "done", answers: { pace: "quick", provider: "offline", consent: "write" } });
});

test("back goes to the question before; what was answered is proposed again", async () => {
  const { asked, proposed } = await walk([
    ...[quick, answer("anthropic"), answer("m"), live],
    ...[back, back, answer("anthropic"), answer("m"), live, answer("write")],
  ]);
  expect(asked.join(" ")).toBe("pace provider model live consent model provider model live consent");
  expect(proposed[5]).toBe("m");
  expect(proposed[6]).toBe("anthropic");
});

test("another provider: nothing of the first one is proposed or left", async () => {
  const { proposed, end } = await walk([
    ...[quick, answer("anthropic"), answer("m"), live, back, back],
    ...[answer("venice"), answer("v"), live, answer("write")],
  ]);
  expect(proposed[7]).toBeUndefined();
  expect(end).toMatchObject({ kind: "done", answers: { provider: "venice", model: "v" } });
  const skipped = await walk([
    quick,
    answer("anthropic"),
    answer("m"),
    live,
    back,
    back,
    answer("offline"),
    answer("write"),
  ]);
  expect(skipped.end).toEqual({
    kind: "done",
    answers: { pace: "quick", provider: "offline", consent: "write" },
  });
});

test("before the first question there is none", async () => {
  const { asked } = await walk([back, back, quick, answer("offline"), answer("write")]);
  expect(asked).toEqual(["pace", "pace", "pace", "provider", "consent"]);
});

test("what is known is passed over, and can be gone back to", async () => {
  const known = { pace: "quick", provider: "anthropic", model: "m" } as const;
  const { asked } = await walk([live, back, answer("m2"), live, answer("write")], { known });
  expect(asked).toEqual(["live", "consent", "model", "live", "consent"]);
});

test("what the command line said is never asked, and not lost on the way back", async () => {
  const wished = { provider: "venice" } as const;
  const { asked, end } = await walk(
    [quick, answer("m"), live, back, back, quick, answer("m"), live, answer("write")],
    {
      wished,
    },
  );
  expect(asked).not.toContain("provider");
  expect(end).toMatchObject({ kind: "done", answers: { provider: "venice", model: "m" } });
});

test("each answer is handed on to be kept; a stop ends it at once", async () => {
  const stop = { kind: "stop", why: "interrupt" } as const;
  const { kept, end } = await walk([quick, answer("anthropic"), stop]);
  expect(kept).toEqual([{ pace: "quick" }, { pace: "quick", provider: "anthropic" }]);
  expect(end).toEqual(stop);
  expect((await walk([quick])).end).toEqual({ kind: "abort" });
});
