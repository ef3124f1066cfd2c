// Runs one transform of a hook in a process of its own, and ends with it (http.md §8.4 *Better*). It is told what to run
// on standard input, and answers with one line of JSON. The transform's code gets a realm of its own with the language in
// it and nothing of this process: no object of this file may ever reach it, for through one it would reach them all.
import { writeSync } from "node:fs";
import vm from "node:vm";
import { z } from "zod";

const Order = z.object({
  source: z.string(),
  isTypeScript: z.boolean(),
  exportName: z.string().optional(),
  /** JSON. */
  input: z.string(),
});

const order = Order.parse(JSON.parse(await Bun.stdin.text()));
const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
vm.runInContext(harden(), context);
const none = () => {
  // A text, and no error object: that would be one of this realm.
  throw "a transform cannot import anything: it is one file, and computes";
};

function moduleOf(source: string, link: (name: string) => vm.Module): vm.SourceTextModule {
  const module = new vm.SourceTextModule(source, { context, importModuleDynamically: none });
  linked.push(() => module.link((name) => link(name)));
  return module;
}

const linked: (() => Promise<void>)[] = [];
const script = order.isTypeScript
  ? new Bun.Transpiler({ loader: "ts", target: "browser" }).transformSync(order.source)
  : order.source;
const transform = moduleOf(script, none);
const names = JSON.stringify(order.exportName === undefined ? ["default", "transform"] : [order.exportName]);
// Runs inside: what it leaves behind are texts.
const driver = moduleOf(
  `import * as transform from "transform";
   const { parse, stringify } = JSON;
   export let state = "waiting", text = "";
   const end = (how, what) => { state = how; text = what; };
   try {
     const name = ${names}.find((one) => typeof transform[one] === "function");
     if (name === undefined) end("failed", "it exports no function " + ${JSON.stringify(names)});
     else {
       const result = stringify(await transform[name](parse(${JSON.stringify(order.input)})));
       if (typeof result === "string") end("done", result);
       else end("failed", "it returned nothing: return null to skip a call");
     }
   } catch (error) {
     let say = "it threw something";
     try { say = "it threw " + String(error); } catch {}
     end("failed", say);
   }`,
  () => transform,
);
for (const link of linked) await link();
// A second wall: an object of this realm that gets out all the same makes no code from texts.
for (const made of [() => 0, async () => 0, function* () {}, async function* () {}]) {
  Reflect.deleteProperty(Object.getPrototypeOf(made), "constructor");
}
void driver.evaluate();
while (read("state") === "waiting") await Bun.sleep(0);
const isDone = read("state") === "done";
writeWhole(`${JSON.stringify({ isDone, text: read("text").slice(0, isDone ? undefined : 500) })}\n`);
process.exit(0);

/**
 * Takes from the realm what is not the language itself: a `ShadowRealm` has the whole runtime in it, and the hook that
 * formats stacks is handed objects of this realm. What a later runtime adds is not on the list, so it goes, too.
 */
function harden(): string {
  const kept = [
    ...["undefined", "NaN", "Infinity", "isNaN", "isFinite", "escape", "unescape", "parseInt", "parseFloat"],
    ...[
      "decodeURI",
      "decodeURIComponent",
      "encodeURI",
      "encodeURIComponent",
      "globalThis",
      "Reflect",
      "Proxy",
    ],
    ...["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"],
    ...[
      "AggregateError",
      "SuppressedError",
      "JSON",
      "Math",
      "Date",
      "RegExp",
      "Intl",
      "Temporal",
      "Iterator",
    ],
    ...[
      "Object",
      "Function",
      "Boolean",
      "Number",
      "BigInt",
      "String",
      "Symbol",
      "Promise",
      "Array",
      "Map",
      "Set",
    ],
    ...["WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "DisposableStack", "AsyncDisposableStack"],
    ...[
      "ArrayBuffer",
      "DataView",
      "Int8Array",
      "Int16Array",
      "Int32Array",
      "Uint8Array",
      "Uint8ClampedArray",
    ],
    ...["Uint16Array", "Uint32Array", "Float16Array", "Float32Array", "Float64Array", "BigInt64Array"],
    "BigUint64Array",
  ];
  return `"use strict";
    const kept = new Set(${JSON.stringify(kept)});
    for (const name of Reflect.ownKeys(globalThis)) {
      if (!kept.has(name) && !Reflect.deleteProperty(globalThis, name)) throw "the realm keeps " + String(name);
    }
    for (const name of ["prepareStackTrace", "captureStackTrace"]) {
      Object.defineProperty(Error, name, { value: undefined, writable: false, configurable: false });
    }
    const names = ["debug", "error", "info", "log", "trace", "warn"];
    // Says nothing: there is nobody to read it, and a transform that logs must not fail for it.
    globalThis.console = Object.fromEntries(names.map((name) => [name, () => {}]));
    0;`;
}

function read(name: "state" | "text"): string {
  const value: unknown = Reflect.get(driver.namespace, name);
  return typeof value === "string" ? value : "";
}

function writeWhole(line: string): void {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}
