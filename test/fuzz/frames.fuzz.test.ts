import { expect, test } from "bun:test";
import {
  ConnectParams,
  isMethodName,
  isRecord,
  methodContracts,
  readParams,
  readRequest,
  readServerFrame,
} from "@carapace/protocol";
import fc from "fast-check";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { connectOperator } from "../support/operator.ts";

const seed = 20_261_122;
const pureRuns = 100_000;
const liveFrames = 4_000;

const methodName = fc.oneof(fc.constantFrom(...Object.keys(methodContracts)), fc.string({ maxLength: 20 }));
/** Values that look like params: right names, wrong and right types, hostile keys. */
const params = fc.dictionary(
  fc.constantFrom(
    "key",
    "sessionKey",
    "message",
    "idempotencyKey",
    "limit",
    "raw",
    "baseHash",
    "runId",
    "keys",
    "__proto__",
    "constructor",
    "model",
    "tags",
    "extra",
    "\u202e",
  ),
  fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(-1, 0, 1e308, "", " ", null, true),
  ),
  { maxKeys: 6 },
);
const frame = fc.record(
  {
    type: fc.constantFrom("req", "res", "event", 1),
    id: fc.oneof(fc.string({ maxLength: 12 }), fc.jsonValue()),
    method: fc.oneof(methodName, fc.jsonValue()),
    params,
  },
  { requiredKeys: [] },
);
const text = fc.oneof(
  { weight: 4, arbitrary: frame.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  // A good frame, cut or with one character replaced.
  {
    weight: 2,
    arbitrary: fc
      .tuple(frame, fc.nat(), fc.string({ minLength: 0, maxLength: 1 }))
      .map(([value, at, character]) => {
        const whole = JSON.stringify(value);
        const cut = at % (whole.length + 1);
        return whole.slice(0, cut) + character + (character === "" ? "" : whole.slice(cut + 1));
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 5_000 })
      .map(
        (depth) => `{"type":"req","id":"d","method":"m","params":${"[".repeat(depth)}${"]".repeat(depth)}}`,
      ),
  },
);

test(`${pureRuns} generated frames are read or refused, never thrown on`, () => {
  fc.assert(
    fc.property(text, (input) => {
      const read = readRequest(input, 32);
      readServerFrame(input);
      if (read.kind !== "request") return;
      ConnectParams.safeParse(read.params);
      if (!isMethodName(read.method)) return;
      const result = readParams(read.method, read.params);
      if (!result.ok) expect(result.say.length).toBeGreaterThan(0);
    }),
    { numRuns: pureRuns, seed },
  );
}, 120_000);

test(`a gateway answers or closes on ${liveFrames} generated frames, and stays healthy and small`, async () => {
  await using gateway = await startGatewayProcess();
  const before = gateway.rssMiB();
  const inputs = fc.sample(text, { numRuns: liveFrames, seed });
  for (let index = 0; index < inputs.length; ) {
    using operator = await connectOperator(gateway.port, gateway.token);
    let isOpen = true;
    void operator.gone.then(() => {
      isOpen = false;
    });
    // A probe of our own behind each batch shows that the gateway got through it, or closed on the way.
    const batch = inputs.slice(index, index + 20).filter((input) => !input.includes('"config.'));
    index += 20;
    const probed = Promise.withResolvers<void>();
    operator.onFrame = (received) => {
      if (received["id"] === "probe") probed.resolve();
    };
    for (const input of batch) if (isOpen) operator.send(input);
    if (isOpen) operator.send('{"type":"req","id":"probe","method":"health"}');
    await Promise.race([probed.promise, operator.gone]);
  }
  const health: unknown = await (await fetch(`http://127.0.0.1:${gateway.port}/health`)).json();
  expect(isRecord(health) && health["status"]).toBe("ok");
  expect(gateway.rssMiB() - before).toBeLessThan(150);
}, 120_000);
