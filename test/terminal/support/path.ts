import type { Home } from "../../../packages/cli/testing/cara.ts";
import type { Screen } from "../../../packages/cli/testing/terminal.ts";
import type { Ground } from "./ground.ts";

/** What is waited for on the screen, and what is typed then: keys, or what comes of what was seen. */
export type Turn = readonly [see: string, type: string | ((screen: Screen) => string | Promise<string>)];

/** A way through `cara setup`, and what must come of it. */
export interface Path {
  readonly name: string;
  /** After `cara setup --port …`. */
  readonly words?: readonly string[];
  /** Leaves the port to be asked. */
  readonly asksPort?: true;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  /** Sign-ins lead to this machine: `support/setup-with.ts` instead of `./cara`. */
  readonly signsInHere?: true;
  readonly prepare?: (home: Home) => void;
  readonly talk: readonly Turn[];
  /** 0 unless told. */
  readonly exit?: number;
  /** Must be on the screen at the end. */
  readonly says?: readonly string[];
  readonly saysNot?: readonly (string | RegExp)[];
  /** Nothing is written, though all is well. */
  readonly writesNothing?: true;
  /** Part of the configuration; absent with another exit than 0: there is none. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `cara start` and `cara verify` must prove this afterwards. */
  readonly proves?: readonly string[];
  readonly after?: (home: Home, screen: Screen) => void | Promise<void>;
}

/** Paths are made once their vendors run. */
export type PathsOn = (ground: Ground) => readonly Path[];
